import { describe, expect, it } from "vitest";
import { IMPORT_STATES, type ImportDto, type ProblemPage } from "@/lib/contracts/imports";
import { ImportPanel } from "@/lib/ui/import-panel";
import { importState } from "@/lib/ui/import-words";
import { ImportsView } from "@/lib/ui/imports-view";
import { markupOf, textOf } from "./render";
import { NOW } from "./sample-lead";

const each = (more: Partial<ImportDto> = {}): ImportDto => ({
  id: "1",
  filename: "clients.csv",
  bytes: 90,
  state: "mapping",
  failedAt: null,
  problem: null,
  county: null,
  columns: ["Name", "DOB", "County"],
  mapping: { name: 0, dateOfBirth: 1, county: 2 },
  rowsTotal: null,
  rowsDone: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  rejected: 0,
  suppressed: 0,
  withdrawn: 0,
  kept: {},
  importedBy: { id: "me", name: "Dana Counsel" },
  createdAt: NOW,
  finishedAt: null,
  hasFile: true,
  ...more,
});
const none: ProblemPage = { problems: [], total: 0, nextCursor: null };
const panel = (more: Partial<ImportDto>, problems = none) => (
  <ImportPanel
    each={each(more)}
    samples={[["Fictus, Ada", "3/14/1990", "Hays"]]}
    problems={problems}
    leadsHref="/leads"
  />
);

describe("an import", () => {
  it("asks which column is what, with the first rows beside, and shows columns that nothing is read from", () => {
    const markup = markupOf(panel({}));
    expect(textOf(panel({}))).toContain("Fictus, Ada");
    expect(markup).toMatch(/aria-current="step"[^>]*>.*?Match columns/);
    const ids = [...markup.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(textOf(panel({}))).not.toContain("nothing is read from");
    expect(textOf(panel({ mapping: { name: 0 } }))).toMatch(/Columns that nothing is read from .+, such as /);
    // Nobody is told off before they tried.
    expect(textOf(panel({ mapping: {} }))).not.toContain("must be chosen");
  });

  it("says after the dry run what would be, and which rows are refused", () => {
    const counts = { rowsTotal: 1203, rowsDone: 1203, created: 1100, updated: 100, unchanged: 2, rejected: 1 };
    const problems: ProblemPage = {
      problems: [{ row: 7, field: "dateOfBirth", code: "invalid", reason: "must be a date" }],
      total: 1,
      nextCursor: null,
    };
    const text = textOf(panel({ state: "checked", ...counts }, problems));
    expect(text).toContain("Would be new leads 1,100");
    expect(text).toContain("Import 1,200 leads");
    expect(text).toContain("Date of birth must be a date");
    expect(textOf(panel({ state: "checked", rowsDone: 1, rejected: 1 }, problems))).not.toContain("Import 0");
  });

  it("shows how far it is, and offers only what can be done", () => {
    const running = panel({ state: "importing", rowsTotal: 1000, rowsDone: 500, created: 500 });
    expect(textOf(running)).toContain("Importing: 500 of 1,000 rows");
    expect(markupOf(running)).toMatch(/<progress[^>]*max="1000"[^>]*value="500"/);
    expect(textOf(running)).toContain("Stop");
    const stopped = textOf(
      panel({ state: "failed", failedAt: "importing", problem: "Stopped.", rowsDone: 500, created: 500 }),
    );
    for (const word of ["Stopped.", "Go on", "Take it back"]) expect(stopped).toContain(word);
    const done = textOf(panel({ state: "done", rowsDone: 2, created: 2 }));
    expect(done).toContain("Take it back");
    expect(done).not.toContain("Remove");
    const undone = textOf(panel({ state: "undone", rowsDone: 3, created: 3, withdrawn: 1, kept: { note: 2 } }));
    expect(undone).toContain("Taken back: 1 lead dismissed; kept: 2 with a note");
    expect(undone).not.toContain("Take it back");
  });

  it("has words and a mark in each of its states", () => {
    for (const state of IMPORT_STATES) expect(importState(each({ state })).words).not.toBe("");
  });
});

describe("the list of imports", () => {
  it("says what will happen when there is none, and names file, person and state of each", () => {
    expect(textOf(<ImportsView imports={[]} timeZone="America/Chicago" now={NOW} />)).toContain(
      "No list was imported yet",
    );
    const text = textOf(
      <ImportsView imports={[each({ state: "done", created: 2, updated: 1 })]} timeZone="America/Chicago" now={NOW} />,
    );
    for (const word of ["clients.csv", "by Dana Counsel", "Imported: 2 new, 1 updated"]) expect(text).toContain(word);
  });
});
