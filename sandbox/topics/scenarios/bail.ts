import type { Scenario } from "../scenario";
import { form, line } from "./forms";

const DWI = "DRIVING WHILE INTOXICATED 2ND";
const EVADING = "EVADING ARREST DET W/VEH";

/** Days on which bail, offenses or cause numbers are what matters. */
export const BAIL_SCENARIOS: Record<string, Scenario> = {
  "one-offense": { description: "One form, one offense, one cause number.", steps: [{ forms: [form("9000001")] }] },
  "five-offenses-three-causes": {
    description: "One form with five offenses under three cause numbers.",
    steps: [
      {
        forms: [
          form("9000101", {
            name: "SAMPLEWOOD, JORDAN AVERY",
            offenses: [
              line(EVADING, "Surety", "$10,000.00", "D-1-DC-26-300412"),
              line("POSS CS PG 1 <1G", "Surety", "$5,000.00", "D-1-DC-26-300412"),
              line("UNL CARRYING WEAPON", "Surety", "$2,500.00", "C-1-CR-26-201301"),
              line("RESIST ARREST SEARCH OR TRANSPORT", "Cash", "$1,500.00", "C-1-CR-26-201302"),
              line("FAIL TO ID FUGITIVE INTENT GIVE FALSE INFO", "Personal", "$0.00", "C-1-CR-26-201302"),
            ],
          }),
        ],
      },
    ],
  },
  "cause-number-later": {
    description: "The cause number is blank at first and filled in later.",
    steps: [
      { forms: [form("9000201", { offenses: [line(DWI, "Surety", "$4,000.00", "")] })] },
      { forms: [form("9000201", { offenses: [line(DWI, "Surety", "$4,000.00", "C-1-CR-26-201402")] })] },
    ],
  },
  "bail-lowered": {
    description: "Bail of $20,000 becomes $10,000, then $5,000.",
    steps: ["$20,000.00", "$10,000.00", "$5,000.00"].map((amount) => ({
      forms: [
        form("9000301", {
          name: "SPECULO, HARRIET",
          offenses: [line("BURGLARY OF HABITATION", "Surety", amount, "D-1-DC-26-300501")],
        }),
      ],
    })),
  },
  "personal-bond-replaces-surety": {
    description: "A surety bond of $3,000 becomes a personal bond of $0.",
    steps: [
      { forms: [form("9000401", { offenses: [line("POSS MARIJ <2OZ", "Surety", "$3,000.00", "C-1-CR-26-201501")] })] },
      { forms: [form("9000401", { offenses: [line("POSS MARIJ <2OZ", "Personal", "$0.00", "C-1-CR-26-201501")] })] },
    ],
  },
  "bail-denied": {
    description: "Bail denied on one offense and set on another.",
    steps: [
      {
        forms: [
          form("9000501", {
            name: "INVENTADO, MARISOL",
            offenses: [
              line("ASSAULT FAM/HOUSE MEM IMPEDE BREATH/CIRCULAT", "Denied", "", "D-1-DC-26-300601"),
              line("VIOL BOND/PROTECTIVE ORDER", "Surety", "$7,500.00", "C-1-CR-26-201601"),
            ],
          }),
        ],
      },
    ],
  },
  "four-bail-states": {
    description:
      "$0, blank, denied and not yet set: four different facts, one form each, then every other word seen for bail.",
    steps: [
      {
        forms: [
          form("9000601", { offenses: [line(DWI, "Personal", "$0.00", "C-1-CR-26-201701")] }),
          form("9000602", { name: "SPECIMEN, DARA", offenses: [line(DWI, "", "", "C-1-CR-26-201702")] }),
          form("9000603", { name: "NULLE, ÓSCAR", offenses: [line(DWI, "Denied", "", "C-1-CR-26-201703")] }),
          form("9000604", { name: "IPSUM, HYE-JIN", offenses: [line(DWI, "Not Set", "", "C-1-CR-26-201704")] }),
        ],
      },
      {
        forms: [
          "Cash or Surety",
          "PR BOND",
          "Personal Recognizance",
          "surety bond",
          "Property",
          "No Bond",
          "ATTY BOND",
          "Surety  ",
        ].map((bailType, at) =>
          form(String(9000611 + at), { offenses: [line(DWI, bailType, "$ 2,500", `C-1-CR-26-20171${at}`)] }),
        ),
      },
    ],
  },
  "offense-added": {
    description: "A second offense is added, then the first one is dropped.",
    steps: [
      { forms: [form("9000701", { offenses: [line(EVADING, "Surety", "$10,000.00", "D-1-DC-26-300801")] })] },
      {
        forms: [
          form("9000701", {
            offenses: [
              line(EVADING, "Surety", "$10,000.00", "D-1-DC-26-300801"),
              line("POSS CS PG 1 <1G", "Surety", "$5,000.00", "D-1-DC-26-300801"),
            ],
          }),
        ],
      },
      { forms: [form("9000701", { offenses: [line("POSS CS PG 1 <1G", "Surety", "$5,000.00", "D-1-DC-26-300801")] })] },
    ],
  },
  "same-offense-twice": {
    description: "Two counts of one offense on a form, with different bail.",
    steps: [
      {
        forms: [
          form("9000801", {
            offenses: [
              line("BURGLARY OF VEHICLE", "Surety", "$2,500.00", "C-1-CR-26-201901"),
              line("BURGLARY OF VEHICLE", "Surety", "$4,000.00", "C-1-CR-26-201902"),
            ],
          }),
        ],
      },
    ],
  },
  "form-withdrawn": {
    description: "Two forms; the second is withdrawn, and comes back at the end.",
    steps: [
      { forms: [form("9000901"), form("9000902", { name: "STANDIN, BLYTHE" })] },
      { forms: [form("9000901")] },
      { forms: [form("9000901")] },
      { forms: [form("9000901"), form("9000902", { name: "STANDIN, BLYTHE" })] },
    ],
  },
};
