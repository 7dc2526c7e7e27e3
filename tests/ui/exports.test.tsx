import { describe, expect, it } from "vitest";
import type { ExportDto } from "@/lib/contracts/exports";
import { ExportAction } from "@/lib/ui/export-action";
import { changesInWords, exportState, secondsWords, sizeWords } from "@/lib/ui/export-words";
import { ExportsPanel } from "@/lib/ui/exports-panel";
import { markupOf, textOf } from "./render";

const NOW = "2026-11-22T18:00:00.000Z";
const ZONE = "America/Chicago";
const each = (more: Partial<ExportDto> = {}): ExportDto => ({
  id: "1",
  kind: "leads",
  state: "running",
  about: "County Hays",
  askedBy: { type: "user", id: "u", name: "Dana Counsel" },
  rowsExpected: 10_000,
  rows: 4310,
  bytes: null,
  filename: "arrestra-leads-2026-11-22.csv",
  problem: null,
  createdAt: "2026-11-22T17:59:40.000Z",
  startedAt: "2026-11-22T17:59:48.000Z",
  finishedAt: null,
  expiresAt: null,
  ...more,
});
const ready = { state: "ready", rows: 10_000, bytes: 4_210_000, expiresAt: "2026-11-23T18:00:00.000Z" } as const;
const panel = (...exports: ExportDto[]) => (
  <ExportsPanel exports={exports} query="" freshUntil={null} timeZone={ZONE} now={NOW} />
);

describe("the state of an export in words", () => {
  it.each<[string, Partial<ExportDto>]>([
    ["Waits for its turn", { state: "waiting" }],
    ["4,310 of 10,000 rows, 12 s so far", {}],
    ["4,310 rows, 12 s so far", { rowsExpected: null }],
    ["Ready: 10,000 rows, 4.2 MB, Until Nov 23, 12:00 PM", ready],
    [
      "Ready: 1 row, 1 KB, Until today 12:30 PM",
      { ...ready, rows: 1, bytes: 320, expiresAt: "2026-11-22T18:30:00.000Z" },
    ],
    [
      "Failed, The file could not be written. Ask again.",
      { state: "failed", problem: "The file could not be written. Ask again." },
    ],
    ["The file is gone, Files wait for a day. Ask again.", { state: "expired" }],
  ])("is “%s”", (expected, more) => {
    const { words, more: rest } = exportState(each(more), ZONE, NOW);
    expect([words, rest].filter(Boolean).join(", ")).toBe(expected);
  });

  it("has sizes and times as people say them", () => {
    expect([900, 840_000, 999_999, 12_345_678].map(sizeWords)).toEqual(["1 KB", "840 KB", "1,000 KB", "12.3 MB"]);
    expect(secondsWords(NOW, "2026-11-22T18:02:05.000Z")).toBe("2 m 5 s");
  });

  it("is said aloud when it changes, and not while rows merely grow", () => {
    expect(changesInWords([each()], [each({ rows: 9000 })])).toBe("");
    expect(changesInWords([each()], [each(ready)])).toBe("Leads, County Hays: ready.");
    expect(changesInWords([], [each(ready)])).toBe("");
  });
});

describe("the page of exports", () => {
  it("shows how far one is with a bar that has a name, a value and an end, and offers to stop it", () => {
    const markup = markupOf(panel(each()));
    expect(markup).toMatch(
      /<progress[^>]*aria-label="Rows written of Leads, County Hays"[^>]*max="10000"[^>]*value="4310"/,
    );
    expect(markup).toContain('aria-label="Stop Leads, County Hays"');
    expect(markup).not.toContain("/file");
    // One that is not counted yet has a bar without an end.
    expect(markupOf(panel(each({ state: "waiting" })))).toMatch(/<progress(?![^>]*value=)[^>]*>/);
  });

  it("offers the file of a ready one, and no bar", () => {
    const markup = markupOf(panel(each(ready)));
    expect(markup).toContain('href="/api/exports/1/file"');
    expect(markup).toContain('aria-label="Remove Leads, County Hays"');
    expect(markup).not.toContain("<progress");
    expect(markupOf(panel(each({ state: "failed", problem: "No." })))).not.toContain("/file");
  });

  it("says what it is for when there is none", () => {
    expect(textOf(panel())).toContain("Nothing is prepared");
  });
});

it("downloads a small list at once, and asks for a large one to be prepared", () => {
  const action = (isPrepared: boolean) =>
    markupOf(
      <ExportAction
        href="/api/audit/export"
        what={{ kind: "audit", filter: {} }}
        isPrepared={isPrepared}
        isLarge
        freshUntil={null}
      >
        CSV
      </ExportAction>,
    );
  expect(action(false)).toContain('href="/api/audit/export"');
  expect(action(true)).toMatch(/^<button/);
});
