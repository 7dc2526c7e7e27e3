import type { Form } from "../form";
import type { Scenario } from "../scenario";
import { form, line } from "./forms";

const three: readonly Form[] = [
  form("9020001"),
  form("9020002", { name: "SAMPLEWOOD, JORDAN AVERY" }),
  form("9020003", {
    name: "NOMINA, ANDRÉ",
    offenses: [line("POSS CS PG 1 >=1G<4G", "Surety", "$7,500.00", "D-1-DC-26-302003")],
  }),
];

/** Days on which the site itself is what matters. Those with a second step get well there. */
export const PAGE_SCENARIOS: Record<string, Scenario> = {
  "label-renamed": {
    description: "`Arrest Date` is suddenly `Date of Detention`; the second step is the old page.",
    steps: [{ forms: three, detail: "label-renamed" }, { forms: three }],
  },
  "columns-swapped": {
    description: "The offense block has its four columns in another order, titles included.",
    steps: [{ forms: three, detail: "columns-swapped" }],
  },
  "list-columns-swapped": {
    description: "The five strings of a list row come in another order.",
    steps: [{ forms: three, list: "columns-swapped" }, { forms: three }],
  },
  "titles-renamed": {
    description: "Two titles of the offense block carry unknown words.",
    steps: [{ forms: three, detail: "titles-renamed" }, { forms: three }],
  },
  "empty-data": {
    description: '`{"data":[]}`, then the forms are back.',
    steps: [{ forms: three, list: "empty" }, { forms: three }],
  },
  "data-missing": {
    description: "JSON without `data`, then the usual list.",
    steps: [{ forms: three, list: "data-missing" }, { forms: three }],
  },
  "html-error-page": {
    description: "An HTML error page with status 200 instead of the list; in the second step instead of the forms.",
    steps: [{ forms: three, list: "html-error" }, { forms: three, detail: "html-error" }, { forms: three }],
  },
  "signed-out": {
    description: "The list redirects to the search page.",
    steps: [{ forms: three, list: "signed-out" }, { forms: three }],
  },
  "forms-gone": {
    description: "The list names forms whose pages redirect to the search page.",
    steps: [{ forms: three, detail: "gone" }, { forms: three }],
  },
  throttled: {
    description: "429 with `Retry-After: 2` twice, then the list.",
    steps: [{ forms: three, fault: { kind: "throttle", retryAfterSeconds: 2, count: 2 } }],
  },
  "throttled-until": {
    description: "429 with Retry-After as an HTTP date, once, then the list.",
    steps: [{ forms: three, fault: { kind: "throttle", retryAfterSeconds: 2, retryAfterAs: "date", count: 1 } }],
  },
  "throttled-details": {
    description: "The list answers, the second page asked for gets 429 with `Retry-After: 1`.",
    steps: [{ forms: three, fault: { kind: "throttle", retryAfterSeconds: 1, count: 1, on: "detail" } }],
  },
  unavailable: {
    description: "503 until the scenario is advanced.",
    steps: [{ forms: three, fault: { kind: "unavailable" } }, { forms: three }],
  },
  hang: {
    description: "The list hangs for 30 seconds, once.",
    steps: [{ forms: three, fault: { kind: "slow", delayMs: 30_000, count: 1 } }],
  },
  "truncated-list": {
    description: "The list stops half way, once.",
    steps: [{ forms: three, fault: { kind: "truncate", count: 1 } }],
  },
  "truncated-detail": {
    description: "A form's page stops half way, once.",
    steps: [{ forms: three, fault: { kind: "truncate", count: 1, on: "detail" } }],
  },
  forbidden: {
    description: "403 from a guard in front of the site, until advanced.",
    steps: [{ forms: three, fault: { kind: "forbidden" } }, { forms: three }],
  },
  captcha: {
    description: "A page that asks for a human, with status 200, until advanced.",
    steps: [{ forms: three, fault: { kind: "captcha" } }, { forms: three }],
  },
  "shuffled-rows": {
    description: "Twelve forms in another order every time.",
    steps: [
      {
        list: "shuffled",
        forms: Array.from({ length: 12 }, (_, at) => form(String(9021001 + at), { name: `SHUFFLE, NO ${at + 1}` })),
      },
    ],
  },
  "repeated-rows": {
    description: "One list row per offense: the same form comes several times.",
    steps: [
      {
        list: "repeated-rows",
        forms: [
          form("9022001", {
            offenses: [
              line("EVADING ARREST DET W/VEH", "Surety", "$10,000.00", "D-1-DC-26-302201"),
              line("POSS CS PG 1 <1G", "Surety", "$5,000.00", "D-1-DC-26-302201"),
              line("UNL CARRYING WEAPON", "Surety", "$2,500.00", "C-1-CR-26-202201"),
            ],
          }),
          form("9022002", { name: "STANDIN, BLYTHE" }),
        ],
      },
    ],
  },
  "ten-thousand-rows": {
    description: "10,000 forms; the second step adds one and withdraws one.",
    steps: [{ forms: many(0, 10_000) }, { forms: many(1, 10_001) }],
  },
  "no-forms": { description: "A county without a form, and without a fault.", steps: [{ forms: [] }] },
};

function many(from: number, to: number): Form[] {
  const forms: Form[] = [];
  for (let at = from; at < to; at++)
    forms.push(form(String(9_100_000 + at), { name: `MULTITUDE, PERSON ${String(at).padStart(5, "0")}` }));
  return forms;
}
