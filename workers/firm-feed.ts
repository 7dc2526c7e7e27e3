import type { County } from "@/lib/core/county";
import { VendorError } from "@/lib/core/errors";
import { finalAccount, poisonTally, sumOf, tallyOf } from "./accounting";
import type { ArrestraApi } from "./arrestra-api";
import type { Reporter } from "./progress";
import { type Memory, settle } from "./state/memory";
import type { RunFolder } from "./state/run-folder";
import type { Chunk } from "./state/run-records";

/** A firm as the run sees it. */
export type FirmDoor = { name: string; api: ArrestraApi };

/** Statuses by which the API says that these bytes will never do. */
const NEVER = new Set([400, 413, 422]);

/** Statuses by which the API says that a run cannot be closed any more. */
const OVER = new Set([404, 409, 422]);

/**
 * Delivers one run's chunks to one firm, in order, each under a key that a crash does not change. After a failure it stops and leaves
 * the rest in the folder for the next run: nobody else waits for this firm.
 */
export class FirmFeed {
  readonly firm: FirmDoor;
  readonly #folder: RunFolder;
  readonly #report: Reporter;
  #line: Promise<void> = Promise.resolve();
  #isDown = false;

  constructor(folder: RunFolder, firm: FirmDoor, report: Reporter) {
    this.#folder = folder;
    this.firm = firm;
    this.#report = report;
  }

  /** False after a failure: what is left waits in the folder. */
  get isUp(): boolean {
    return !this.#isDown;
  }

  /** Opens the firm's IngestRun, or finds the one that an earlier attempt opened. */
  open(): void {
    this.#then(async () => {
      await this.#runId();
    });
  }

  send(chunk: Chunk): void {
    this.#then(() => this.#post(chunk));
  }

  /** Sends whatever is not acknowledged yet. */
  sendPending(): void {
    for (const chunk of this.#folder.pending(this.firm.name)) this.send(chunk);
  }

  /** When everything handed over so far is delivered, or given up for now. */
  async settled(): Promise<void> {
    await this.#line;
  }

  /** Closes the firm's run with its account and remembers what the firm did not take. Leaves it open while something is pending. */
  async close(memory: Memory, now: Date): Promise<void> {
    const { name } = this.firm;
    this.#then(async () => {
      if (this.#folder.pending(name).length > 0) return;
      const runId = await this.#runId();
      const { refusedIds } = sumOf(this.#folder, name);
      const unread = this.#folder.journal.flatMap((entry) => (entry.lead ? [] : [entry.id]));
      await this.#finish(runId);
      for (const entry of this.#folder.journal) if (entry.lead) delete memory.settled[name]?.[entry.id];
      for (const id of new Set([...refusedIds, ...unread])) settle(memory, name, id, now);
      this.#folder.close(name);
    });
    await this.#line;
  }

  /** A run that the API no longer lets us close (gone, or closed before a crash) is over: nothing of it is pending. */
  async #finish(runId: string): Promise<void> {
    try {
      await this.firm.api.finishRun(runId, finalAccount(this.#folder, this.firm.name));
    } catch (error) {
      if (!(error instanceof VendorError) || !OVER.has(error.status ?? 0)) throw error;
      this.#report.warn(`${this.firm.name}'s run could not be closed: the API ${error.message}`, { runId });
    }
  }

  #then(step: () => Promise<void>): void {
    this.#line = this.#line.then(async () => {
      if (this.#isDown) return;
      try {
        await step();
      } catch (error) {
        if (!(error instanceof VendorError)) throw error;
        this.#isDown = true;
        this.#report.warn(`${this.firm.name} waits for the next run: the API ${error.message}`, { kind: error.kind });
      }
    });
    // Heard by whoever awaits `settled`; without this a failure before that would end the process.
    this.#line.catch(() => undefined);
  }

  async #runId(): Promise<string> {
    const { name, api } = this.firm;
    const known = this.#folder.runIdOf(name);
    if (known) return known;
    const { id, source, county } = this.#folder.start;
    const runId = await api.startRun(source, county as County, `${id}-${name}`);
    this.#folder.rememberRunId(name, runId);
    return runId;
  }

  async #post(chunk: Chunk): Promise<void> {
    const { name, api } = this.firm;
    const runId = await this.#runId();
    const body = this.#folder.bodyOf(chunk, runId);
    try {
      const report = await api.postBatch(body, this.#folder.keyOf(runId, body));
      this.#folder.acknowledge(chunk, name, tallyOf(chunk, report));
      this.#report.info(`posted to ${name}`, {
        event: "batch.posted",
        batchId: report.batchId,
        ...countsOf(report),
        runId,
      });
    } catch (error) {
      if (!(error instanceof VendorError) || !NEVER.has(error.status ?? 0)) throw error;
      this.#folder.acknowledge(chunk, name, poisonTally(chunk));
      this.#report.error(`${name} refused a whole batch: the API ${error.message}`, { event: "batch.refused", runId });
    }
  }
}

const countsOf = (report: {
  received: number;
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
}) => ({
  received: report.received,
  created: report.created,
  updated: report.updated,
  unchanged: report.unchanged,
  rejected: report.rejected,
});
