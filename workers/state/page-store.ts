import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { FileStore } from "@/lib/platform/file-store";
import type { Page } from "../sources/source";
import { writeAtomic } from "./files";
import { linesInBucket, sealedInBucket } from "./page-bucket";
import { type IndexLine, indexLines } from "./page-index";

const VERSION = 1;

/**
 * Raw pages for replay. With a key (32 bytes) each page is kept gzipped under AES-256-GCM; without one only hashes are
 * kept, because a court page at rest names people. `index.ndjson` of a day holds address, status and SHA-256. All of it goes in time (forget-old.ts).
 */
export class PageStore {
  readonly #source: string;
  readonly #folder: string;
  readonly #key: Uint8Array | null;

  constructor(stateDir: string, sourceId: string, key: Uint8Array | null) {
    this.#source = sourceId;
    this.#folder = join(stateDir, "pages", sourceId);
    this.#key = key;
  }

  keep(page: Page): void {
    const day = page.fetchedAt.slice(0, 10);
    const folder = join(this.#folder, day);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const sha256 = createHash("sha256").update(page.body).digest("hex");
    const line: IndexLine = { at: page.fetchedAt, url: page.url, status: page.status, sha256 };
    appendFileSync(join(folder, "index.ndjson"), `${JSON.stringify(line)}\n`, { mode: 0o600 });
    const file = join(folder, `${sha256}.page`);
    if (this.#key && !existsSync(file)) writeAtomic(file, seal(this.#key, sha256, page.body), { durable: false });
  }

  /** The raw body of a page that is still kept, or null. */
  find(day: string, sha256: string): string | null {
    const file = join(this.#folder, day, `${sha256}.page`);
    return this.#key && existsSync(file) ? open(this.#key, sha256, readFileSync(file)) : null;
  }

  /** The pages of a day whose raw bodies are still kept, here or in the bucket where there is one, in the order in which they came. */
  async kept(day: string, bucket: FileStore | null = null): Promise<Page[]> {
    const file = join(this.#folder, day, "index.ndjson");
    const here = existsSync(file) ? indexLines(readFileSync(file, "utf8")) : [];
    const known = new Set(here.map((line) => JSON.stringify(line)));
    const there = bucket ? await linesInBucket(bucket, this.#source, day) : [];
    const lines = [...here, ...there.filter((line) => !known.has(JSON.stringify(line)))];
    const pages: Page[] = [];
    for (const { at, url, status, sha256 } of there.length > 0
      ? lines.sort((a, b) => a.at.localeCompare(b.at))
      : lines) {
      const body = this.find(day, sha256) ?? (await this.#fetch(day, sha256, bucket));
      if (body !== null) pages.push({ url, status, contentType: "", location: null, body, fetchedAt: at });
    }
    return pages;
  }

  async #fetch(day: string, sha256: string, bucket: FileStore | null): Promise<string | null> {
    const sealed = this.#key && bucket ? await sealedInBucket(bucket, this.#source, day, sha256) : null;
    return this.#key && sealed ? open(this.#key, sha256, sealed) : null;
  }
}

/** Version, nonce, tag, ciphertext. The hash is authenticated with it, so that pages cannot be exchanged. */
function seal(key: Uint8Array, sha256: string, body: string): Uint8Array {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(sha256));
  const sealed = Buffer.concat([cipher.update(gzipSync(body)), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed]);
}

function open(key: Uint8Array, sha256: string, bytes: Buffer): string {
  if (bytes[0] !== VERSION) throw new Error("the stored page has an unknown version");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 13)).setAAD(Buffer.from(sha256));
  decipher.setAuthTag(bytes.subarray(13, 29));
  return gunzipSync(Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()])).toString("utf8");
}
