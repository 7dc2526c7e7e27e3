import { createHash, randomUUID } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { IngestWithdrawal } from "@/lib/contracts/ingest";
import { readJson, writeAtomic } from "./files";
import { type Chunk, ChunkRecord, type Entry, readJournal, Start, Summary, Tally } from "./run-records";

/** Keeps a chunk of monstrous forms under the API's 5,000,000 bytes. */
const MAX_CHUNK_CHARS = 1_000_000;

/**
 * One run on disk. A page is journaled as soon as it is read; journal lines become chunks; a chunk stays until every firm has
 * acknowledged it. Killed at any moment, the folder says what was fetched, what was sent under which key, and what was acknowledged: the
 * next run finishes it first. File names sort by time.
 */
export class RunFolder {
  readonly path: string;
  readonly start: z.infer<typeof Start>;
  #journal: Entry[];
  #chunks: Chunk[];

  private constructor(path: string, start: z.infer<typeof Start>) {
    this.path = path;
    this.start = start;
    this.#journal = readJournal(join(path, "journal.ndjson"));
    this.#chunks = readdirSync(path)
      .filter((name) => /^chunk-\d+\.json$/.test(name))
      .sort()
      .map((name) => ({ ...(readJson(join(path, name), ChunkRecord) as ChunkRecord), name: name.slice(0, -5) }));
  }

  /** A fresh folder. It exists before anybody is told of the run. */
  static create(stateDir: string, run: { source: string; county: string; firms: string[]; now: Date }): RunFolder {
    const id = randomUUID();
    const startedAt = run.now.toISOString();
    const path = join(stateDir, "runs", run.source, `${startedAt.replaceAll(":", "-")}-${id}`);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const start = { id, source: run.source, county: run.county, startedAt, firms: run.firms };
    writeAtomic(join(path, "run.json"), JSON.stringify(start));
    return new RunFolder(path, start);
  }

  /** Runs of a source that are not finished, oldest first. */
  static unfinished(stateDir: string, source: string): RunFolder[] {
    const folder = join(stateDir, "runs", source);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .sort()
      .flatMap((name) => {
        const path = join(folder, name);
        const start = readJson(join(path, "run.json"), Start);
        // Killed between making the folder and its first file: nothing had happened yet.
        if (!start) rmSync(path, { recursive: true, force: true });
        return start ? [new RunFolder(path, start)] : [];
      });
  }

  get journal(): readonly Entry[] {
    return this.#journal;
  }

  get chunks(): readonly Chunk[] {
    return this.#chunks;
  }

  /** Journal lines that no chunk holds yet. */
  get loose(): readonly Entry[] {
    return this.#journal.slice(this.#chunks.reduce((most, chunk) => Math.max(most, chunk.journalled), 0));
  }

  note(entry: Entry): void {
    this.#journal.push(entry);
    appendFileSync(join(this.path, "journal.ndjson"), `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  }

  /** Binds loose journal lines to a chunk, in one atomic step. Undefined when none of them holds a lead. */
  cut(maxLeads: number): Chunk | undefined {
    const loose = this.loose;
    const taken: Entry[] = [];
    let size = 0;
    for (const entry of loose.slice(0, maxLeads)) {
      size += JSON.stringify(entry).length;
      if (taken.length > 0 && size > MAX_CHUNK_CHARS) break;
      taken.push(entry);
    }
    const leads = taken.flatMap((entry) => (entry.lead ? [entry.lead] : []));
    const oldest = taken[0];
    if (!oldest || leads.length === 0) return undefined;
    const journalled = this.#journal.length - loose.length + taken.length;
    return this.#add({ kind: "leads", observedAt: oldest.fetchedAt, firm: null, journalled, leads });
  }

  addWithdrawals(firm: string, withdrawals: IngestWithdrawal[], now: Date): Chunk {
    const journalled = this.#journal.length - this.loose.length;
    return this.#add({ kind: "withdrawn", observedAt: now.toISOString(), firm, journalled, leads: withdrawals });
  }

  #add(chunk: ChunkRecord): Chunk {
    const name = `chunk-${String(this.#chunks.length + 1).padStart(6, "0")}`;
    writeAtomic(join(this.path, `${name}.json`), JSON.stringify(chunk));
    const added = { ...chunk, name };
    this.#chunks.push(added);
    return added;
  }

  runIdOf(firm: string): string | undefined {
    return readJson(join(this.path, `run.${firm}.json`), z.string());
  }

  rememberRunId(firm: string, runId: string): void {
    writeAtomic(join(this.path, `run.${firm}.json`), JSON.stringify(runId));
  }

  ackOf(chunk: Chunk, firm: string): Tally | undefined {
    return readJson(join(this.path, `${chunk.name}.${firm}.ack.json`), Tally);
  }

  acknowledge(chunk: Chunk, firm: string, tally: Tally): void {
    writeAtomic(join(this.path, `${chunk.name}.${firm}.ack.json`), JSON.stringify(tally));
  }

  /** Chunks that this firm has not acknowledged yet, in order. */
  pending(firm: string): Chunk[] {
    return this.#chunks.filter((chunk) => (chunk.firm === null || chunk.firm === firm) && !this.ackOf(chunk, firm));
  }

  /** Absent when the run died before its end. */
  get summary(): Summary | undefined {
    return readJson(join(this.path, "summary.json"), Summary);
  }

  set summary(summary: Summary) {
    writeAtomic(join(this.path, "summary.json"), JSON.stringify(summary));
  }

  isClosed(firm: string): boolean {
    return existsSync(join(this.path, `closed.${firm}`));
  }

  close(firm: string): void {
    writeAtomic(join(this.path, `closed.${firm}`), "");
    if (this.start.firms.every((each) => this.isClosed(each))) rmSync(this.path, { recursive: true, force: true });
  }

  /** Bound to the firm's run, the county and the chunk's bytes: the same after any number of crashes. */
  keyOf(runId: string, body: string): string {
    const digest = createHash("sha256").update(body).digest("hex").slice(0, 40);
    return `${runId}-${this.start.source}-${digest}`;
  }

  /** The bytes that a chunk is posted as. */
  bodyOf(chunk: Chunk, runId: string): string {
    return JSON.stringify({ source: this.start.source, observedAt: chunk.observedAt, runId, leads: chunk.leads });
  }
}
