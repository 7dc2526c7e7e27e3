import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readFirms } from "@/workers/firms";
import { planRun } from "@/workers/plan";
import type { Page } from "@/workers/sources/source";
import { forgetOld } from "@/workers/state/forget-old";
import { PageStore } from "@/workers/state/page-store";
import { RunFolder } from "@/workers/state/run-folder";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "arrestra-state-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe("raw pages", () => {
  const page: Page = {
    url: "u",
    status: 200,
    contentType: "",
    location: null,
    body: "DOE, JOHN CANARY",
    fetchedAt: "2026-10-01T10:00:00.000Z",
  };
  const sha256 = "a4f6ad8f";

  it("are kept sealed for 30 days, then nothing is left: an address names the county's form", () => {
    const dir = folder();
    const store = new PageStore(dir, "topics.travis", new Uint8Array(32).fill(7));
    store.keep(page);
    const day = join(dir, "pages", "topics.travis", "2026-10-01");
    const { sha256: hash } = JSON.parse(readFileSync(join(day, "index.ndjson"), "utf8")) as { sha256: string };
    expect(readFileSync(join(day, `${hash}.page`)).includes("CANARY")).toBe(false);
    expect(store.find("2026-10-01", hash)).toBe(page.body);
    expect(() => new PageStore(dir, "topics.travis", new Uint8Array(32)).find("2026-10-01", hash)).toThrow();
    forgetOld(dir, { id: "topics.travis" }, new Date("2026-10-30T00:00:00Z"));
    expect(store.find("2026-10-01", hash)).toBe(page.body);
    forgetOld(dir, { id: "topics.travis" }, new Date("2026-11-02T00:00:00Z"));
    expect(store.find("2026-10-01", hash)).toBeNull();
    // Seen red without: the index among what goes.
    expect(existsSync(day)).toBe(false);
  });

  it("leave nothing but their hash where there is no key", () => {
    const dir = folder();
    const store = new PageStore(dir, "topics.travis", null);
    store.keep(page);
    expect(readdirSync(join(dir, "pages", "topics.travis", "2026-10-01"))).toEqual(["index.ndjson"]);
    expect(store.find("2026-10-01", sha256)).toBeNull();
  });
});

describe("the folder of a run", () => {
  it("drops a journal line that a power cut tore, and keeps those before it", () => {
    const dir = folder();
    const run = RunFolder.create(dir, { source: "topics.travis", county: "Travis", firms: ["a"], now: new Date() });
    run.note({ id: "1", fetchedAt: "x", rowHash: "h", lead: { sourceId: "1" } });
    appendFileSync(join(run.path, "journal.ndjson"), '{"id":"2","fet');
    const [again] = RunFolder.unfinished(dir, "topics.travis");
    expect(again?.journal.map((entry) => entry.id)).toEqual(["1"]);
    again?.note({ id: "3", fetchedAt: "x", rowHash: "h", lead: { sourceId: "3" } });
    expect(RunFolder.unfinished(dir, "topics.travis")[0]?.loose.map((entry) => entry.id)).toEqual(["1", "3"]);
  });

  it("is dropped after 30 days, whoever has not taken it: it tells of people in the clear", () => {
    const dir = folder();
    const begin = (now: string) =>
      RunFolder.create(dir, { source: "topics.travis", county: "Travis", firms: ["a"], now: new Date(now) });
    const [old, young] = [begin("2026-10-01T10:00:00Z"), begin("2026-10-20T10:00:00Z")];
    old.note({ id: "1", fetchedAt: "x", rowHash: "h", lead: { name: "DOE, JOHN" } });
    // Seen red without: runs in forgetOld.
    expect(forgetOld(dir, { id: "topics.travis" }, new Date("2026-11-02T00:00:00Z"))).toEqual([
      expect.stringContaining(old.start.id),
    ]);
    expect(RunFolder.unfinished(dir, "topics.travis").map(({ path }) => path)).toEqual([young.path]);
  });

  // Seen red with: every source treated as one's own; without: the quiet hour; isDirectory.
  it("of another source, which somebody may be delivering from, is dropped a day later and only when it lies still", () => {
    const dir = folder();
    const begin = (source: string, now: string, writtenAt: string) => {
      const run = RunFolder.create(dir, { source, county: "Hays", firms: ["a"], now: new Date(now) });
      for (const each of ["run.json", "."]) utimesSync(join(run.path, each), new Date(writtenAt), new Date(writtenAt));
      return run.start.id;
    };
    const hays = begin("topics.hays", "2026-10-01T10:00:00Z", "2026-10-01T10:00:00Z");
    const busy = begin("topics.hays", "2026-10-01T11:00:00Z", "2026-11-02T00:30:00Z");
    const travis = begin("topics.travis", "2026-10-02T10:00:00Z", "2026-11-02T00:30:00Z");
    const young = begin("topics.hays", "2026-10-02T10:00:00Z", "2026-10-02T10:00:00Z");
    writeFileSync(join(dir, "runs", ".nfs0001"), "");
    writeFileSync(join(dir, "runs", "topics.hays", "2020-notes"), "");
    const dropped = forgetOld(dir, { id: "topics.travis" }, new Date("2026-11-02T01:00:00Z")).sort();
    expect(dropped).toEqual([expect.stringContaining(hays), expect.stringContaining(travis)]);
    expect(readdirSync(join(dir, "runs", "topics.hays")).sort()).toEqual([
      "2020-notes",
      expect.stringContaining(busy),
      expect.stringContaining(young),
    ]);
  });

  it("keeps monstrous forms in chunks that the API takes", () => {
    const run = RunFolder.create(folder(), {
      source: "topics.travis",
      county: "Travis",
      firms: ["a"],
      now: new Date(),
    });
    for (let id = 0; id < 30; id += 1)
      run.note({ id: String(id), fetchedAt: "x", rowHash: "h", lead: { text: "x".repeat(100_000) } });
    while (run.cut(250));
    expect(run.chunks.length).toBeGreaterThan(2);
    expect(run.chunks.reduce((sum, chunk) => sum + chunk.leads.length, 0)).toBe(30);
    for (const chunk of run.chunks) expect(run.bodyOf(chunk, "r").length).toBeLessThan(5_000_000);
  });
});

describe("the plan of a run", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  const [soon, past] = [new Date("2026-11-21T13:00:00Z"), new Date("2026-11-21T11:00:00Z")];
  const row = (id: string, rowHash = "h") => ({ id, rowHash });
  const memory = { missing: {}, rows: { amended: "old", calm: "h" }, settled: {} };

  it("reads what is new to any firm first, then what changed on the list, then what is due", () => {
    const known = new Map([
      [
        "a",
        new Map([
          ["due", past],
          ["amended", soon],
          ["calm", soon],
          ["half", soon],
        ]),
      ],
      [
        "b",
        new Map([
          ["due", soon],
          ["amended", soon],
          ["calm", soon],
        ]),
      ],
    ]);
    const rows = [row("due"), row("amended", "new"), row("calm"), row("half"), row("fresh")];
    expect(planRun({ rows, known, memory, now }).fetch).toEqual(["half", "fresh", "amended", "due"]);
  });

  it("withdraws for each firm only what that firm holds", () => {
    const known = new Map([
      [
        "a",
        new Map([
          ["gone", soon],
          ["one", soon],
          ["two", soon],
        ]),
      ],
      [
        "b",
        new Map([
          ["one", soon],
          ["two", soon],
        ]),
      ],
    ]);
    const rows = [row("one"), row("two")];
    const first = planRun({ rows, known, memory, now });
    expect([...first.withdrawn]).toEqual([]);
    const second = planRun({ rows, known, memory: { ...memory, missing: first.missing }, now });
    expect([...second.withdrawn]).toEqual([["a", ["gone"]]]);
    const back = planRun({ rows: [...rows, row("gone")], known, memory: { ...memory, missing: first.missing }, now });
    expect(back.missing).toEqual({});
  });
});

describe("the firms file", () => {
  it.each([
    ["no JSON", "{", "not JSON"],
    [
      "an unknown county",
      '[{"firm":"a","apiKey":"secret-canary","counties":["Atlantis"]}]',
      "Atlantis is no county of Texas",
    ],
    [
      "a firm twice",
      '[{"firm":"a","apiKey":"k","counties":["Travis"]},{"firm":"a","apiKey":"k","counties":["Hays"]}]',
      "names a firm twice",
    ],
    ["a key that is missing", '[{"firm":"a","counties":["Travis"]}]', "apiKey"],
  ])("says what is wrong with %s, and never a key", (_, content, problem) => {
    const path = join(folder(), "firms.json");
    writeFileSync(path, content);
    for (const given of [{ file: path }, { text: content }]) {
      expect(() => readFirms(given)).toThrow(problem);
      expect(() => readFirms(given)).not.toThrow("secret-canary");
    }
  });
});
