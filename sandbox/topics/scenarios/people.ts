import type { Scenario } from "../scenario";
import { form, line } from "./forms";

const AWKWARD_NAMES = [
  "PRETEND, THEODORE MARCUS III",
  "Testerly, Casey Lee Jr.",
  "EJEMPLO PRUEBA, MATEO",
  "DE LA PRUEBA GARCÍA-FICTA, MARÍA DE LOS ÁNGELES",
  "HYPOTHA-LOREM, PRIYA",
  "O'SAMPLE, SEÁN",
  "NU\uFFFDEZ DE PRUEBA, ZO\uFFFD",
  "O&#39;EJEMPLO, PAT &amp; CO",
  "SANDBOXTER   ,   RILEY    JUNE",
  "ROWAN ELLIS FICTUS",
  "NOTREAL",
  "VAN DER MOCK, ANNE-MARIE SR",
  "Nomina, Andre\u0301",
  "ŁUCZNIK-TESTOWA, ŻANETA",
];

/** Days on which names, texts or times are what matters. */
export const PEOPLE_SCENARIOS: Record<string, Scenario> = {
  "leading-comma-name": {
    description: "The surname is missing and a comma leads.",
    steps: [{ forms: [form("9010001", { name: ", JOHN" }), form("9010002", { name: " , QUINN  AVERY" })] }],
  },
  "awkward-names": {
    description:
      "Suffixes, two-part surnames, accents (composed and not), U+FFFD, HTML entities, odd spaces, no comma, one word.",
    steps: [{ forms: AWKWARD_NAMES.map((name, at) => form(String(9010101 + at), { name })) }],
  },
  "dst-gap": {
    description: "Times inside the hour that did not exist: 2026-03-08 02:30, with either zone printed.",
    steps: [
      {
        forms: ["CST", "CDT"].map((zone, at) =>
          form(String(9010201 + at), {
            arrest: { at: "3/8/2026 2:30:00 AM", zone },
            magistration: { at: "3/8/2026 9:15:00 AM", zone: "CDT" },
          }),
        ),
      },
    ],
  },
  "dst-fold": {
    description: "The hour that came twice: 2026-11-01 01:30 CDT, and 01:30 CST one hour later.",
    steps: [
      {
        forms: ["CDT", "CST"].map((zone, at) =>
          form(String(9010301 + at), {
            arrest: { at: "11/1/2026 1:30:00 AM", zone },
            magistration: { at: "11/1/2026 10:00:00 AM", zone: "CST" },
          }),
        ),
      },
    ],
  },
  "odd-times": {
    description: "Midnight, noon, a missing arrest date, a time without its zone.",
    steps: [
      {
        forms: [
          form("9010401", { arrest: { at: "3/10/2026 12:00:00 AM", zone: "CDT" } }),
          form("9010402", { arrest: { at: "3/10/2026 12:00:00 PM", zone: "CDT" } }),
          form("9010403", { arrest: null }),
          form("9010404", { arrest: { at: "3/10/2026 8:05:00 AM", zone: "" } }),
        ],
      },
    ],
  },
  "two-forms-one-night": {
    description: "One person with two forms in a night.",
    steps: [
      {
        forms: [
          form("9010501"),
          form("9010502", {
            arrest: { at: "3/11/2026 2:48:00 AM", zone: "CDT" },
            offenses: [line("RESIST ARREST SEARCH OR TRANSPORT", "Surety", "$2,000.00", "C-1-CR-26-202502")],
          }),
        ],
      },
    ],
  },
  "two-people-one-name": {
    description: "Two people of one name, arrested days apart for different things.",
    steps: [
      {
        forms: [
          form("9010601", { name: "IMAGINERO, LUIS ÁNGEL" }),
          form("9010602", {
            name: "IMAGINERO, LUIS ÁNGEL",
            arrest: { at: "3/4/2026 11:20:00 AM", zone: "CST" },
            magistration: { at: "3/4/2026 6:00:00 PM", zone: "CST" },
            offenses: [line("THEFT PROP >=$2,500<$30K", "Surety", "$5,000.00", "D-1-DC-26-302602")],
          }),
        ],
      },
    ],
  },
  "offense-with-script": {
    description: "An offense text with a script element, and one with markup that is only text.",
    steps: [
      {
        forms: [
          form("9010701", {
            offenses: [line("<script>alert('sandbox')</script>", "Surety", "$1,000.00", "C-1-CR-26-202701")],
          }),
          form("9010702", {
            offenses: [
              line('<img src=x onerror=alert(1)> "QUOTED" & <b>BOLD</b>', "Surety", "$1,000.00", "C-1-CR-26-202702"),
            ],
          }),
        ],
      },
    ],
  },
  "offense-with-formula": {
    description: "Texts that a spreadsheet would run: leading =, +, -, @.",
    steps: [
      {
        forms: ['=HYPERLINK("http://example.invalid","DWI")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)"].map(
          (offense, at) =>
            form(String(9010801 + at), { offenses: [line(offense, "Surety", "$1,000.00", `C-1-CR-26-20280${at}`)] }),
        ),
      },
    ],
  },
  "unknown-fields": {
    description: "Header fields that nobody announced; they are data too.",
    steps: [
      {
        forms: [
          form("9010901", {
            extraFields: [
              { label: "Interpreter Needed", value: "Yes" },
              { label: "SID", value: "00000000" },
            ],
          }),
        ],
      },
    ],
  },
};
