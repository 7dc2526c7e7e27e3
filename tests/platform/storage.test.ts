import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { folderStore } from "@/lib/platform/storage";

const folder = mkdtempSync(path.join(tmpdir(), "arrestra-store-"));
const store = folderStore(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the file store", () => {
  // Seen red without: the link, which fails where something is (with a rename the second one won).
  it("writes a file once, whoever comes first, and keeps what is there", async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    const written = await Promise.all(texts.map((text) => store.putOnce("heads/a/1.json", Buffer.from(text))));
    expect(written.filter(Boolean)).toHaveLength(1);
    const kept = (await store.get("heads/a/1.json"))?.toString();
    expect(kept).toBe(texts[written.indexOf(true)]);
    expect(await store.putOnce("heads/a/1.json", Buffer.from("later"))).toBe(false);
    expect((await store.get("heads/a/1.json"))?.toString()).toBe(kept);
    expect(statSync(path.join(folder, "heads/a/1.json")).mode & 0o222).toBe(0);
    expect(readdirSync(path.join(folder, "heads/a"))).toEqual(["1.json"]);
  });

  it("lists what lies right under a prefix, in order, and has nothing for what is not there", async () => {
    for (const name of ["3.json", "2.json"]) await store.putOnce(`heads/b/${name}`, Buffer.from(""));
    expect(await store.list("heads/b/")).toEqual(["heads/b/2.json", "heads/b/3.json"]);
    expect(await store.list("heads/nobody/")).toEqual([]);
    expect(await store.get("heads/nobody/1.json")).toBeNull();
  });

  it.each(["../out", "heads/../../out", "heads//x", "heads/.hidden", "/etc/passwd", "heads/a\u0000"])(
    "refuses the key %j",
    async (key) => {
      await expect(store.putOnce(key, Buffer.from("x"))).rejects.toThrow("malformed");
    },
  );
});
