import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FileChanged } from "@/lib/platform/file-changed";
import type { FileStore } from "@/lib/platform/file-store";
import { folderStore } from "@/lib/platform/folder-store";
import { s3Store } from "@/lib/platform/s3-store";
import { startS3 } from "../setup/s3-stand-in";

const CSV = { type: "text/csv" };
const MEGABYTE = 1024 * 1024;

const folder = mkdtempSync(path.join(tmpdir(), "arrestra-store-"));
let s3: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  s3 = await startS3("files");
});
afterAll(async () => {
  await s3.stop();
  rmSync(folder, { recursive: true, force: true });
});

const textOf = async (store: FileStore, key: string) => (await store.get(key))?.toString() ?? null;

async function* chunksOf(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

async function* megabytes(count: number, failAt = Number.POSITIVE_INFINITY) {
  for (let at = 0; at < count; at += 1) {
    if (at === failAt) throw new Error("The source broke off.");
    yield Buffer.alloc(MEGABYTE, at + 1);
  }
}

const STORES = {
  "in a folder": () => folderStore(folder),
  "in a bucket": () => s3Store("files", { isPathStyle: true }),
};

describe.each(Object.entries(STORES))("the file store %s", (_, make) => {
  const store = make();

  // Seen red without: the link, which fails where something is (with a rename the second one won); `IfNoneMatch` of the bucket.
  it("writes a file once, whoever comes first, and keeps what is there", async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    const written = await Promise.all(texts.map((text) => store.putOnce("heads/a/1.json", Buffer.from(text))));
    expect(written.filter(Boolean)).toHaveLength(1);
    const kept = await textOf(store, "heads/a/1.json");
    expect(kept).toBe(texts[written.indexOf(true)]);
    expect(await store.putOnce("heads/a/1.json", Buffer.from("later"))).toBe(false);
    expect(await textOf(store, "heads/a/1.json")).toBe(kept);
  });

  it("lists what lies right under a prefix, in order, and has nothing for what is not there", async () => {
    for (const name of ["3.json", "2.json"]) await store.putOnce(`lists/b/${name}`, Buffer.from("x"));
    await store.putOnce("lists/c/4.json", Buffer.from("x"));
    expect(await store.list("lists/b/")).toEqual(["lists/b/2.json", "lists/b/3.json"]);
    expect(await store.list("lists/")).toEqual(["lists/b", "lists/c"]);
    expect(await store.list("lists/nobody/")).toEqual([]);
    expect(await store.get("lists/nobody/1.json")).toBeNull();
    expect(await store.size("lists/nobody/1.json")).toBeNull();
    expect(await store.open("lists/nobody/1.json")).toBeNull();
  });

  // Seen red without: StartAfter of the bucket; the filter of the folder.
  it("lists only what sorts behind a key, which need not be there", async () => {
    for (const name of ["02", "05.json", "05.x.json", "11.json"])
      await store.putOnce(`behind/a/${name}`, Buffer.from("x"));
    expect(await store.list("behind/a/", { after: "behind/a/05" })).toEqual([
      "behind/a/05.json",
      "behind/a/05.x.json",
      "behind/a/11.json",
    ]);
    expect(await store.list("behind/a/", { after: "behind/a/11.json" })).toEqual([]);
  });

  it("lists all files below a prefix, however deep, and none beside it", async () => {
    for (const key of ["deep/a/1", "deep/a/b/2.x", "deep/ab/3", "deeper/4"]) await store.write(key, chunksOf("x"), CSV);
    expect(await store.listBelow("deep/")).toEqual(["deep/a/1", "deep/a/b/2.x", "deep/ab/3"]);
    expect(await store.listBelow("deep/a/")).toEqual(["deep/a/1", "deep/a/b/2.x"]);
    expect(await store.listBelow("deep/none/")).toEqual([]);
  });

  it("writes a stream, in place of what was there, and reads it back", async () => {
    expect(await store.write("exports/a/1.csv", chunksOf("one,", "two\r\n"), CSV)).toEqual({ bytes: 9 });
    expect(await textOf(store, "exports/a/1.csv")).toBe("one,two\r\n");
    expect(await store.write("exports/a/1.csv", chunksOf("other"), CSV)).toEqual({ bytes: 5 });
    expect(await store.size("exports/a/1.csv")).toBe(5);
    const opened = await store.open("exports/a/1.csv");
    expect(opened?.bytes).toBe(5);
    expect(await new Response(opened?.stream).text()).toBe("other");
    expect(await store.write("exports/a/empty.csv", chunksOf(), CSV)).toEqual({ bytes: 0 });
    expect(await store.size("exports/a/empty.csv")).toBe(0);
  });

  // Seen red without: the comparison of each store.
  it("opens the version that was looked at, and says so when another lies in its place", async () => {
    await store.write("imports/v/1.csv", chunksOf("one"), CSV);
    const first = await store.open("imports/v/1.csv");
    await first?.stream.cancel();
    const again = await store.open("imports/v/1.csv", first?.version);
    expect(again).toMatchObject({ bytes: 3, version: first?.version });
    expect(await new Response(again?.stream).text()).toBe("one");
    await store.write("imports/v/1.csv", chunksOf("two"), CSV);
    await expect(store.open("imports/v/1.csv", first?.version)).rejects.toThrow(FileChanged);
    expect(await new Response((await store.open("imports/v/1.csv"))?.stream).text()).toBe("two");
    await store.remove("imports/v/1.csv");
    expect(await store.open("imports/v/1.csv", first?.version)).toBeNull();
  });

  it("writes what is greater than a part, byte for byte", async () => {
    expect(await store.write("exports/a/big.csv", megabytes(18), CSV)).toEqual({ bytes: 18 * MEGABYTE });
    const read = await store.get("exports/a/big.csv");
    expect(read?.length).toBe(18 * MEGABYTE);
    for (const at of [0, 7, 8, 15, 16, 17]) expect(read?.[at * MEGABYTE + 5]).toBe(at + 1);
  });

  // Seen red without: writing aside (half a file stood there).
  it.each([1, 12])("leaves what was there when a stream breaks off at megabyte %i", async (failAt) => {
    await store.write("exports/b/1.csv", chunksOf("before"), CSV);
    await expect(store.write("exports/b/1.csv", megabytes(20, failAt), CSV)).rejects.toThrow("broke off");
    await expect(store.write("exports/b/2.csv", megabytes(20, failAt), CSV)).rejects.toThrow("broke off");
    expect(await textOf(store, "exports/b/1.csv")).toBe("before");
    expect(await store.list("exports/b/")).toEqual(["exports/b/1.csv"]);
  });

  it("removes a file, and does nothing when there is none", async () => {
    await store.write("exports/c/1.csv", chunksOf("x"), CSV);
    await store.remove("exports/c/1.csv");
    await store.remove("exports/c/1.csv");
    expect(await store.get("exports/c/1.csv")).toBeNull();
  });

  it.each(["../out", "heads/../../out", "heads//x", "heads/.hidden", "/etc/passwd", "heads/a\u0000"])(
    "refuses the key %j",
    async (key) => {
      const terms = { filename: "a.csv", type: "text/csv", seconds: 60, maxBytes: 5 };
      await expect(store.putOnce(key, Buffer.from("x"))).rejects.toThrow("malformed");
      await expect(store.write(key, chunksOf("x"), CSV)).rejects.toThrow("malformed");
      for (const read of [store.get, store.open, store.size, store.list, store.listBelow, store.remove])
        await expect(read(key)).rejects.toThrow("malformed");
      await expect(store.removeUnfinished(key, new Date())).rejects.toThrow("malformed");
      expect(await refused(() => store.downloadLink(key, terms))).toBe(true);
      expect(await refused(() => store.uploadForm(key, terms))).toBe(true);
    },
  );
});

/** A folder has no links at all; a bucket makes none for such a key. */
const refused = (make: () => Promise<unknown>) =>
  make().then(
    (made) => made === null,
    () => true,
  );

describe("the file store in a folder", () => {
  // Seen red without: the modes.
  it("lets nobody else on the machine read it, and leaves nothing beside the files", async () => {
    const store = folderStore(folder);
    await store.putOnce("modes/1.json", Buffer.from("x"));
    await store.write("modes/2.csv", chunksOf("x"), CSV);
    expect(statSync(path.join(folder, "modes/1.json")).mode & 0o777).toBe(0o400);
    expect(statSync(path.join(folder, "modes/2.csv")).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(folder, "modes")).mode & 0o777).toBe(0o700);
    expect(readdirSync(path.join(folder, "modes"))).toEqual(["1.json", "2.csv"]);
    expect(readdirSync(path.join(folder, "exports/b"))).toEqual(["1.csv"]);
  });
});

// Seen red with: EEXIST of the folder taken for that of the file.
it("says so when a folder cannot be made, and not that the file is there already", async () => {
  const store = folderStore(folder);
  await store.write("exports/plain", chunksOf("x"), CSV);
  await expect(store.putOnce("exports/plain/1.csv", Buffer.from("y"))).rejects.toThrow(/EEXIST|ENOTDIR/);
});

describe("the file store in a bucket", () => {
  const store = s3Store("files", { isPathStyle: true });

  it("gives a link that loads the file as a named download, for so long", async () => {
    await store.write("exports/d/1.csv", chunksOf("a,b\r\n"), CSV);
    const terms = { filename: 'leads "x".csv', type: "text/csv; charset=utf-8", seconds: 60 };
    const link = new URL((await store.downloadLink("exports/d/1.csv", terms)) ?? "");
    expect(link.searchParams.get("X-Amz-Expires")).toBe("60");
    const response = await fetch(link);
    expect(await response.text()).toBe("a,b\r\n");
    expect(response.headers.get("content-disposition")).toBe(
      "attachment; filename=\"leads__x_.csv\"; filename*=UTF-8''leads%20%22x%22.csv",
    );
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  });

  // The stand-in takes every form, so what S3 would check is read from the policy that was signed.
  it("gives a form for one key, one type and so many bytes", async () => {
    const form = await store.uploadForm("imports/d/1.csv", { type: "text/csv", maxBytes: 1000, seconds: 300 });
    const policy = JSON.parse(Buffer.from(form?.fields.Policy ?? "", "base64").toString());
    expect(policy.conditions).toEqual(
      expect.arrayContaining([
        ["content-length-range", 1, 1000],
        { "Content-Type": "text/csv" },
        { key: "imports/d/1.csv" },
        { bucket: "files" },
      ]),
    );
    const ends = new Date(policy.expiration).getTime() - Date.now();
    expect(ends).toBeGreaterThan(200_000);
    expect(ends).toBeLessThanOrEqual(301_000);
    const body = new FormData();
    for (const [name, value] of Object.entries(form?.fields ?? {})) body.append(name, value);
    body.append("file", new Blob(["x,y\r\n"], { type: "text/csv" }), "mine.csv");
    expect((await fetch(form?.url ?? "", { method: "POST", body })).status).toBe(204);
    expect(await textOf(store, "imports/d/1.csv")).toBe("x,y\r\n");
  });

  const seal = { keyArn: "arn:aws:kms:us-east-1:123456789012:key/of-the-firm", context: { tenant: "firm-1" } };
  const CONTEXT = Buffer.from(JSON.stringify(seal.context)).toString("base64");

  // Seen red without: the fields of the form.
  it("seals what is put with a key and a context of its own, by form and by stream", async () => {
    const terms = { type: "application/pdf", maxBytes: 9, seconds: 60, seal };
    const form = await store.uploadForm("evidence/s/1", terms);
    const sealed = {
      "x-amz-server-side-encryption": "aws:kms",
      "x-amz-server-side-encryption-aws-kms-key-id": seal.keyArn,
      "x-amz-server-side-encryption-context": CONTEXT,
    };
    expect(form?.fields).toMatchObject(sealed);
    const policy = JSON.parse(Buffer.from(form?.fields.Policy ?? "", "base64").toString());
    for (const [name, value] of Object.entries(sealed)) expect(policy.conditions).toContainEqual({ [name]: value });
    await store.write("evidence/s/2", chunksOf("x"), { type: "application/pdf", seal });
    const put = s3.seen.findLast(({ url }) => url.startsWith("/files/evidence/s/2"));
    expect(put?.headers).toMatchObject(sealed);
    const plain = await store.uploadForm("evidence/s/3", { type: "text/csv", maxBytes: 9, seconds: 60 });
    expect(Object.keys(plain?.fields ?? {}).join()).not.toContain("server-side");
  });

  // Seen red without: the version in the link.
  it("gives a link to the version that was looked at, and none once another lies there", async () => {
    await store.write("evidence/l/1", chunksOf("good"), CSV);
    const file = await store.open("evidence/l/1");
    await file?.stream.cancel();
    const terms = { filename: "a.pdf", type: "application/pdf", seconds: 60, version: file?.version ?? "" };
    expect(await (await fetch((await store.downloadLink("evidence/l/1", terms)) ?? "")).text()).toBe("good");
    await store.write("evidence/l/1", chunksOf("bad"), CSV);
    await expect(store.downloadLink("evidence/l/1", terms)).rejects.toThrow(FileChanged);
    // The stand-in keeps no versions: what S3 answers then is played.
    const versioned = mockClient(S3Client);
    versioned.on(HeadObjectCommand, { Key: "evidence/l/1", IfMatch: terms.version }).resolves({ VersionId: "v7" });
    const link = await store.downloadLink("evidence/l/1", terms);
    versioned.restore();
    expect(new URL(link ?? "").searchParams.get("versionId")).toBe("v7");
    // Seen red without: the question whether anything lies there.
    await store.remove("evidence/l/1");
    expect(await store.downloadLink("evidence/l/1", terms)).toBeNull();
  });

  it("gives up the parts of a stream that broke off", () => {
    expect(s3.seen.filter(({ method, url }) => method === "DELETE" && url.includes("uploadId="))).not.toHaveLength(0);
  });
});
