import type { IngestEnvelope } from "@/lib/contracts/ingest";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Riverbend's leads: what real forms do on bad days. Two batches, so that bail moves, a charge is added, a cause number arrives and a form is
 * withdrawn. Every person is invented.
 */
export function awkwardBatches(now: Date): IngestEnvelope[] {
  const ago = (ms: number) => new Date(now.getTime() - ms).toISOString();
  const lead = (sourceId: string, name: string, rest: object) => ({
    sourceId: `awkward-${sourceId}`,
    name: { full: name },
    county: "Williamson",
    ...rest,
  });
  const dwi = { offense: "DRIVING WHILE INTOXICATED 2ND", level: "MA" };

  const first: IngestEnvelope = {
    source: "api",
    observedAt: ago(2 * DAY),
    leads: [
      lead("comma", ", JOHN", {
        arrestedAt: ago(50 * HOUR),
        charges: [{ ...dwi, bailType: "Surety", bailCents: 400_000 }],
      }),
      lead("accents", "NULLE-ÑANDÚ, ÓSCAR JOSÉ", {
        arrestedAt: ago(3 * DAY),
        charges: [
          { offense: "RESIST ARREST SEARCH OR TRANSPORT", level: "MA", bailType: "Surety", bailCents: 200_000 },
        ],
      }),
      lead("replacement", "IMAGINERO, LUIS �NGEL", {
        arrestedAt: ago(4 * DAY),
        charges: [{ offense: "BURGLARY OF VEHICLE", level: "MA", bailType: "not_set" }],
      }),
      lead("script", "SCRIPTMAN, ALERT", {
        arrestedAt: ago(60 * HOUR),
        charges: [
          {
            offense: "<script>alert('x')</script> THEFT PROP >=$2,500<$30K",
            level: "FS",
            bailType: "Cash",
            bailCents: 120_050,
          },
        ],
      }),
      lead("formula", "FORMULARIO, IGUAL", {
        arrestedAt: ago(55 * HOUR),
        magistrate: '=HYPERLINK("http://example.invalid")',
        charges: [{ offense: "=1+1 CRIMINAL TRESPASS", level: "MB", bailType: "Personal", bailCents: 0 }],
      }),
      lead("fold-cdt", "TWICE, ONE MORNING", {
        arrestedAt: "2026-11-01T01:30:00-05:00",
        charges: [{ offense: "DEADLY CONDUCT", level: "MA", bailType: "Surety", bailCents: 250_000 }],
      }),
      lead("fold-cst", "TWICE, ONE MORNING", {
        arrestedAt: "2026-11-01T01:30:00-06:00",
        charges: [{ offense: "DEADLY CONDUCT", level: "MA", bailType: "Surety", bailCents: 250_000 }],
      }),
      lead("five", "MANYCOUNTS-VERYLONGSURNAMEINDEED DE LA EJEMPLO, MAXIMILIANA ALEXANDRINA GUADALUPE III", {
        arrestedAt: ago(52 * HOUR),
        magistratedAt: ago(40 * HOUR),
        charges: [
          { offense: "EVADING ARREST DET W/VEH", level: "F3", bailType: "Denied", causeNumber: "26-0101-K26" },
          {
            offense: "POSS CS PG 1 <1G",
            level: "FS",
            bailType: "Surety",
            bailCents: 1_000_000,
            causeNumber: "26-0101-K26",
          },
          {
            offense: "DRIVING WHILE INTOXICATED",
            level: "MB",
            bailType: "Surety",
            bailCents: 1_500_000,
            causeNumber: "26-02222-3",
          },
          { offense: "UNL CARRYING WEAPON", level: "MA", bailType: "not_set" },
          { offense: "FAIL TO ID FUGITIVE INTENT GIVE FALSE INFO", level: "MA" },
        ],
      }),
      lead("none", "NOCHARGE, NOAH", { charges: [] }),
      lead("gone", "WITHDRAWN, WALDO", {
        arrestedAt: ago(9 * DAY),
        charges: [{ offense: "INTERFER W/PUBLIC DUTIES", level: "MB", bailType: "Surety", bailCents: 100_000 }],
      }),
      lead("odd-bail", "UNUSUAL, UMA", {
        arrestedAt: ago(30 * HOUR),
        charges: [
          {
            offense: "FORGERY FINANCIAL INSTRUMENT",
            level: "FS",
            bailType: "Attorney bond per order",
            bailCents: 750_000,
          },
        ],
        labels: ["Bail Conditions: no contact with “complainant”; ignition interlock within 30 days"],
      }),
    ],
  };

  const second: IngestEnvelope = {
    source: "api",
    observedAt: ago(20 * HOUR),
    leads: [
      lead("comma", ", JOHN", {
        arrestedAt: ago(50 * HOUR),
        charges: [{ ...dwi, bailType: "Personal", bailCents: 0, causeNumber: "26-03333-3" }],
      }),
      lead("five", "MANYCOUNTS-VERYLONGSURNAMEINDEED DE LA EJEMPLO, MAXIMILIANA ALEXANDRINA GUADALUPE III", {
        arrestedAt: ago(52 * HOUR),
        magistratedAt: ago(40 * HOUR),
        charges: [
          {
            offense: "EVADING ARREST DET W/VEH",
            level: "F3",
            bailType: "Surety",
            bailCents: 750_000,
            causeNumber: "26-0101-K26",
          },
          {
            offense: "POSS CS PG 1 <1G",
            level: "FS",
            bailType: "Personal",
            bailCents: 1_000_000,
            causeNumber: "26-0101-K26",
          },
          {
            offense: "DRIVING WHILE INTOXICATED",
            level: "MB",
            bailType: "Surety",
            bailCents: 500_000,
            causeNumber: "26-02222-3",
          },
          {
            offense: "UNL CARRYING WEAPON",
            level: "MA",
            bailType: "Surety",
            bailCents: 300_000,
            causeNumber: "26-02223-3",
          },
          { offense: "TAMPER W/ EVID", level: "F3", bailType: "Surety", bailCents: 500_000 },
        ],
      }),
      { sourceId: "awkward-gone", withdrawnAt: ago(20 * HOUR) },
    ],
  };
  return [first, second];
}
