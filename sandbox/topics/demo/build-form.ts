import type { Form, FormOffense } from "../form";
import { printCentral } from "../printed-time";
import { type Amendment, printDollars } from "./amendments";
import { chance, pick } from "./chance";
import { COMPANIONS, causeNumber, drawOffense, isFelony, type OffenseKind } from "./offenses";
import { AGENCIES, MAGISTRATES, personName } from "./people";

const HOUR_MS = 3_600_000;

/** A form as first filed, when it became visible, and what will happen to it later. */
export type FiledForm = { form: Form; filedAt: Date; later: { at: Date; amendment: Amendment }[] };

/** The one form of an id. Everything follows from the id and the moment it was filed, so it reads the same in every run. */
export function buildForm(county: string, id: number, place: number, filedAt: Date): FiledForm {
  const next = chance(id);
  const hours = (from: number, to: number) => Math.round((from + next() * (to - from)) * HOUR_MS);
  // Magistrates have 48 hours to hear the person and 48 more to file: most are quicker, a few are not.
  const magistrated = toMinute(filedAt.getTime() - hours(0.2, 2.5));
  const arrested = toMinute(magistrated.getTime() - (next() < 0.12 ? hours(20, 40) : hours(2, 14)));
  const kinds = drawKinds(next);
  const causeNumbers = numberCauses(county, kinds, id, filedAt.getUTCFullYear(), next);
  const numberedLater = next() < 0.25;
  const offenses = kinds.map((kind, at) => setBail(kind, numberedLater ? "" : (causeNumbers[at] ?? ""), next));
  const form: Form = {
    id: String(id),
    name: personName(place, id),
    county,
    arrest: printCentral(arrested),
    magistrate: pick(MAGISTRATES[county] ?? ["Hon. Prudence Gavelmock"], next),
    magistration: printCentral(magistrated),
    agency: pick(AGENCIES[county] ?? ["Sample City Police Department"], next),
    offenses,
    conditions: next() < 0.4 ? "Yes" : "No",
  };
  const later: FiledForm["later"] = [];
  const happens = (from: number, to: number, amendment: Amendment) =>
    later.push({ at: new Date(filedAt.getTime() + hours(from, to)), amendment });
  if (numberedLater) happens(8, 30, { kind: "cause-numbers-assigned", causeNumbers });
  if (next() < 0.22) happens(6, 60, { kind: "bail-lowered" });
  if (next() < 0.07) happens(10, 40, { kind: "personal-bond" });
  const blank = kinds[offenses.findIndex((line) => line.bailAmount === "")];
  if (blank && next() < 0.5) happens(3, 30, { kind: "bail-set", dollars: drawDollars(blank, next) });
  later.sort((a, b) => a.at.getTime() - b.at.getTime());
  return { form, filedAt, later };
}

/** Forms print whole minutes. */
const toMinute = (ms: number) => new Date(Math.floor(ms / 60_000) * 60_000);

/** An amendment for a form that the demo wants to move now. */
export function drawAmendment(form: Form, seed: number, year: number): Amendment {
  const next = chance(seed);
  const unset = form.offenses.some((line) => line.bailAmount === "" && line.bailType !== "Denied");
  const kind = drawOffense(next);
  if (unset) return { kind: "bail-set", dollars: drawDollars(kind, next) };
  if (form.offenses.some((line) => line.causeNumber === "")) {
    const causeNumbers = form.offenses.map((line, at) =>
      causeNumber(form.county, isFelony(line.offense), seed * 3 + at, year),
    );
    return { kind: "cause-numbers-assigned", causeNumbers };
  }
  const draw = next();
  if (draw < 0.65) return { kind: "bail-lowered" };
  if (draw < 0.8) return { kind: "personal-bond" };
  const added = pick(COMPANIONS, next);
  const serial = causeNumber(form.county, added.felony, seed * 3 + 1, year);
  return { kind: "offense-added", offense: added.text, dollars: drawDollars(added, next), causeNumber: serial };
}

function drawKinds(next: () => number): OffenseKind[] {
  const kinds = [drawOffense(next)];
  const draw = next();
  const more = draw < 0.62 ? 0 : draw < 0.84 ? 1 : draw < 0.94 ? 2 : draw < 0.98 ? 3 : 4;
  while (kinds.length <= more) {
    const companion = pick(COMPANIONS, next);
    if (!kinds.includes(companion)) kinds.push(companion);
  }
  return kinds;
}

/** Felonies usually share one cause, each misdemeanor has its own. */
function numberCauses(county: string, kinds: OffenseKind[], id: number, year: number, next: () => number): string[] {
  const felonyCause = causeNumber(county, true, id * 7, year);
  return kinds.map((kind, at) =>
    kind.felony && next() < 0.75 ? felonyCause : causeNumber(county, kind.felony, id * 7 + at + 1, year),
  );
}

function drawDollars(kind: OffenseKind, next: () => number): number {
  const [from, to] = kind.dollars;
  return Math.round((from + next() * (to - from)) / 500) * 500;
}

function setBail(kind: OffenseKind, cause: string, next: () => number): FormOffense {
  const draw = next();
  const dollars = printDollars(drawDollars(kind, next));
  const line = { offense: kind.text, causeNumber: cause };
  if (draw < 0.6) return { ...line, bailType: "Surety", bailAmount: dollars };
  if (draw < 0.7) return { ...line, bailType: "Cash", bailAmount: dollars };
  if (draw < 0.78) return { ...line, bailType: "Personal", bailAmount: dollars };
  if (draw < 0.87) return { ...line, bailType: "Personal", bailAmount: "$0.00" };
  if (draw < 0.92) return { ...line, bailType: "Denied", bailAmount: "" };
  if (draw < 0.96) return { ...line, bailType: "Surety", bailAmount: "" };
  return { ...line, bailType: "", bailAmount: "" };
}
