import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bucketStore, type FileStore } from "@/lib/platform/file-store";
import { folderStore } from "@/lib/platform/folder-store";
import { replayPages } from "@/workers/replay-pages";
import { readScraperSettings } from "@/workers/settings";
import { putPages } from "@/workers/state/page-bucket";
import { startS3 } from "../setup/s3-stand-in";
import { openStage, type Stage } from "./stage";

const pageKey = Buffer.alloc(32, 7);
const folder = mkdtempSync(join(tmpdir(), "arrestra-raw-pages-"));
let s3: Awaited<ReturnType<typeof startS3>>;

beforeAll(async () => {
  s3 = await startS3("raw-pages");
  Object.assign(process.env, {
    SCRAPER_CONTACT: "operator@example.test",
    SCRAPER_FIRMS: "[]",
    RAW_PAGES_BUCKET: "raw-pages",
  });
});
afterAll(async () => {
  await s3.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Every file that a store has of a source, with what is in it. */
async function filesIn(store: FileStore): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const day of await store.list("pages/topics.travis/"))
    for (const key of await store.list(`${day}/`)) files.set(key, (await store.get(key)) ?? Buffer.of());
  return files;
}

const dayIn = async (store: FileStore) => (await store.list("pages/topics.travis/"))[0]?.split("/").at(-1) ?? "";
const warnings = (stage: Stage) => stage.said.filter((line) => line.includes("not all in the bucket"));
/** The same scraper on a new machine, whose folder is empty. */
const elsewhere = (stage: Stage, rawPages: FileStore) => ({
  ...stage.settings,
  stateDir: join(stage.settings.stateDir, "..", "new-machine"),
  pageKey,
  rawPages,
});

describe.each<[string, () => FileStore]>([
  ["a folder", () => folderStore(folder)],
  ["a bucket", () => bucketStore("raw-pages")],
])("raw pages in %s", (_name, open) => {
  // Seen red without: the lines of the bucket in PageStore.kept; with pages put as they came instead of sealed.
  it("can be read again when the machine is gone, and show nobody who has no key", async () => {
    const stage = await openStage("one-offense");
    const rawPages = open();
    expect(await stage.scrape({}, { pageKey, rawPages })).toMatchObject({ status: "succeeded", fetched: 1 });
    const files = await filesIn(rawPages);
    expect([...files.keys()].map((key) => key.replace(/.*\./, "")).sort()).toEqual(["index", "page", "page"]);
    for (const bytes of files.values()) expect(bytes.includes("FICTUS")).toBe(false);

    const read = await replayPages(elsewhere(stage, rawPages), "Travis", await dayIn(rawPages));
    expect(read).toMatchObject({ lists: 1, leads: 1, changed: 0, strangers: 0 });
    // Here and there are one day, each page once.
    const both = { ...stage.settings, pageKey, rawPages };
    expect(await replayPages(both, "Travis", await dayIn(rawPages))).toEqual(read);
    expect(warnings(stage)).toEqual([]);
  });
});

describe("a bucket", () => {
  const broken: FileStore = { ...folderStore(folder), putOnce: () => Promise.reject(new Error("503")) };
  const deaf: FileStore = { ...folderStore(folder), putOnce: () => new Promise(() => {}) };

  // Seen red without: the error that putPages gives instead of throwing, the race in putAway; with sent.json written before the index is put.
  it.each([
    ["refuses", broken],
    ["never answers", deaf],
  ])("that %s fails no pass, is said once, and gets everything at the next", async (_what, bad) => {
    const stage = await openStage("two-forms-one-night");
    const passed = await stage.scrape({ putMs: 200 }, { pageKey, rawPages: bad });
    expect(passed).toMatchObject({ status: "succeeded", fetched: 2 });
    expect(warnings(stage)).toHaveLength(1);
    const good = folderStore(mkdtempSync(join(folder, "good-")));
    await stage.scrape({}, { pageKey, rawPages: good });
    expect(warnings(stage)).toHaveLength(1);
    const read = await replayPages(elsewhere(stage, good), "Travis", await dayIn(good));
    expect(read).toMatchObject({ lists: 2, leads: 2, changed: 0 });
  });

  // Seen red with: the place in the index forgotten between passes.
  it("is given each page and each line once, a few at a time, however many there are", async () => {
    const stateDir = mkdtempSync(join(folder, "state-"));
    const day = join(stateDir, "pages", "topics.travis", "2026-11-20");
    mkdirSync(day, { recursive: true });
    const lines = Array.from({ length: 400 }, (_, at) => {
      const sha256 = String(at).padStart(64, "0");
      writeFileSync(join(day, `${sha256}.page`), "sealed");
      return JSON.stringify({ at: new Date(1_790_000_000_000 + at).toISOString(), url: "u", status: 200, sha256 });
    });
    // The last line is torn: it waits for its end.
    writeFileSync(join(day, "index.ndjson"), `${lines.join("\n")}\n{"at":"2026`);
    const inner = folderStore(mkdtempSync(join(folder, "many-")));
    let [now, most, calls] = [0, 0, 0];
    const counting: FileStore = {
      ...inner,
      async putOnce(key, bytes) {
        most = Math.max(most, ++now);
        calls += 1;
        return inner.putOnce(key, bytes).finally(() => (now -= 1));
      },
    };
    const never = new AbortController().signal;
    expect(await putPages(stateDir, "topics.travis", counting, never)).toEqual({ pages: 400, error: null });
    expect(most).toBeLessThanOrEqual(4);
    const before = calls;
    expect(await putPages(stateDir, "topics.travis", counting, never)).toEqual({ pages: 0, error: null });
    expect(calls).toBe(before);
    const parts = [...(await filesIn(inner))].filter(([key]) => key.endsWith(".index")).map(([, bytes]) => bytes);
    expect(Buffer.concat(parts).toString("utf8")).toBe(`${lines.join("\n")}\n`);
    expect(readFileSync(join(day, "sent.json"), "utf8")).toContain("bytes");
  });
});

// Seen red without: the look at the key in rawPagesOf.
it("is refused, in words, without the key that seals pages", () => {
  expect(readScraperSettings).toThrow("RAW_PAGES_BUCKET is set without SCRAPER_PAGE_KEY");
});
