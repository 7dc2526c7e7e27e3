/** An offense the way Texas forms word it: `dollars` is the range bail is drawn from, `felony` chooses the court of the cause number. */
export type OffenseKind = { text: string; felony: boolean; dollars: readonly [number, number]; weight: number };

const kind = (text: string, felony: boolean, from: number, to: number, weight: number): OffenseKind => ({
  text,
  felony,
  dollars: [from, to],
  weight,
});

/** What people are booked for in the demo. Some forms print the level behind the wording, most do not. */
export const OFFENSES: readonly OffenseKind[] = [
  kind("DRIVING WHILE INTOXICATED", false, 1500, 3500, 12),
  kind("DRIVING WHILE INTOXICATED 2ND", false, 3000, 7500, 7),
  kind("DRIVING WHILE INTOXICATED 3RD OR MORE", true, 10000, 25000, 4),
  kind("DRIVING WHILE INTOXICATED BAC >= 0.15", false, 2500, 5000, 6),
  kind("DWI W/CHILD UNDER 15 YOA", true, 7500, 15000, 2),
  kind("ASSAULT CAUSES BODILY INJURY FAMILY MEMBER", false, 3000, 7500, 8),
  kind("ASSAULT FAM/HOUSE MEM IMPEDE BREATH/CIRCULAT", true, 10000, 30000, 4),
  kind("AGG ASSAULT W/DEADLY WEAPON", true, 20000, 60000, 3),
  kind("EVADING ARREST DET W/VEH", true, 7500, 20000, 4),
  kind("EVADING ARREST DETENTION", false, 1500, 4000, 4),
  kind("RESIST ARREST SEARCH OR TRANSPORT", false, 1500, 4000, 3),
  kind("POSS CS PG 1 <1G", true, 2500, 7500, 7),
  kind("POSS CS PG 1 >=1G<4G", true, 5000, 15000, 4),
  kind("MAN DEL CS PG 1 >=4G<200G", true, 30000, 100000, 2),
  kind("POSS MARIJ <2OZ", false, 500, 1500, 4),
  kind("THEFT PROP >=$750<$2,500 - MA", false, 1000, 3000, 4),
  kind("THEFT PROP >=$2,500<$30K - SJF", true, 3000, 8000, 4),
  kind("BURGLARY OF HABITATION - F2", true, 15000, 40000, 3),
  kind("BURGLARY OF VEHICLE - MA", false, 1500, 4000, 3),
  kind("CRIMINAL MISCHIEF >=$100<$750 - MB", false, 500, 1500, 2),
  kind("CRIMINAL TRESPASS", false, 500, 1500, 4),
  kind("UNL CARRYING WEAPON", false, 1500, 4000, 3),
  kind("UNL POSS FIREARM BY FELON", true, 10000, 30000, 2),
  kind("TERRORISTIC THREAT OF FAMILY/HOUSEHOLD", false, 2500, 6000, 2),
  kind("VIOL BOND/PROTECTIVE ORDER", false, 3000, 10000, 2),
  kind("DRIVING W/LIC INV W/PREV CONV/SUSP W/O FIN RES", false, 500, 1500, 3),
  kind("FAIL TO ID FUGITIVE INTENT GIVE FALSE INFO", false, 1000, 2500, 2),
  kind("TAMPER W/PHYS EVID W/INTENT TO IMPAIR", true, 7500, 20000, 2),
  kind("INTERFER W/PUBLIC DUTIES", false, 1000, 2500, 2),
  kind("UNAUTH USE OF VEHICLE", true, 4000, 10000, 2),
];

/** What is often charged together with something else. */
export const COMPANIONS: readonly OffenseKind[] = OFFENSES.filter((offense) =>
  /EVADING|RESIST|POSS|UNL CARRYING|DRIVING W\/LIC|FAIL TO ID|TAMPER|INTERFER/.test(offense.text),
);

export const isFelony = (text: string): boolean => OFFENSES.some((offense) => offense.text === text && offense.felony);

const totalWeight = OFFENSES.reduce((sum, offense) => sum + offense.weight, 0);

/** One offense, common ones more often. */
export function drawOffense(next: () => number): OffenseKind {
  let left = next() * totalWeight;
  for (const offense of OFFENSES) {
    left -= offense.weight;
    if (left < 0) return offense;
  }
  return OFFENSES[0] as OffenseKind;
}

/** Cause numbers in each county's own style. */
export function causeNumber(county: string, felony: boolean, serial: number, year: number): string {
  const yy = String(year % 100).padStart(2, "0");
  if (county === "Hays") return felony ? `CR-${yy}-${1000 + (serial % 9000)}-D` : `${yy}-${1000 + (serial % 9000)}CR-3`;
  if (county === "Williamson")
    return felony
      ? `${yy}-${1000 + (serial % 9000)}-K277`
      : `${yy}-${String(10000 + (serial % 89_999)).padStart(5, "0")}-2`;
  return felony ? `D-1-DC-${yy}-${300_000 + (serial % 99_999)}` : `C-1-CR-${yy}-${200_000 + (serial % 99_999)}`;
}
