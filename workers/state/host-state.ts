import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "@/lib/core/clock";
import { BudgetSpent, SourceRefused } from "../sources/errors";
import { readJson, writeAtomic } from "./files";
import { takeLock } from "./lock";

const HostRecord = z.strictObject({
  day: z.string(),
  used: z.int(),
  lastRequestAt: z.number(),
  /** Epoch ms before which the host asked not to be asked again. */
  notBefore: z.number(),
});

/**
 * What is remembered about one host, across processes: today's requests, when the last one went out, until when the host wants quiet, and
 * whether somebody (or a refusal) put it on hold.
 */
export class HostState {
  readonly #folder: string;
  readonly #file: string;
  readonly #clock: Clock;
  readonly #dailyBudget: number;
  #record: z.infer<typeof HostRecord>;

  constructor(stateDir: string, host: string, options: { clock: Clock; dailyBudget: number }) {
    this.#folder = join(stateDir, "hosts", host.replaceAll(/[^\w.-]/g, "_"));
    this.#file = join(this.#folder, "requests.json");
    this.#clock = options.clock;
    this.#dailyBudget = options.dailyBudget;
    this.#record = readJson(this.#file, HostRecord) ?? { day: "", used: 0, lastRequestAt: 0, notBefore: 0 };
  }

  /** One scraper per host at a time: with it goes the promise of one connection. Null when another process is at it. */
  lock(): (() => void) | null {
    return takeLock(join(this.#folder, "lock"));
  }

  /** Counts one request against today's budget, durably before it is sent, so that a crash loop cannot forget what it asked. */
  spend(): void {
    const now = this.#clock.now();
    const day = now.toISOString().slice(0, 10);
    const used = this.#record.day === day ? this.#record.used : 0;
    if (used >= this.#dailyBudget)
      throw new BudgetSpent(`the budget of ${this.#dailyBudget} requests a day is used up`);
    this.#save({ ...this.#record, day, used: used + 1, lastRequestAt: now.getTime() });
  }

  get lastRequestAt(): number {
    return this.#record.lastRequestAt;
  }

  get notBefore(): number {
    return this.#record.notBefore;
  }

  askedToWaitUntil(notBefore: number): void {
    if (notBefore > this.#record.notBefore) this.#save({ ...this.#record, notBefore });
  }

  #save(record: z.infer<typeof HostRecord>): void {
    this.#record = record;
    writeAtomic(this.#file, JSON.stringify(record), { durable: false });
  }
}

const Hold = z.strictObject({ at: z.string(), reason: z.string() });

/**
 * The kill switch of a source or of a whole host: a file, looked at before every request, so that it works on a running scraper too.
 * A refusal (401, 403, CAPTCHA) puts it there as well, and only a person takes it away.
 */
export class Holds {
  readonly #folder: string;

  constructor(stateDir: string) {
    this.#folder = join(stateDir, "holds");
  }

  put(name: string, reason: string, now: Date): void {
    writeAtomic(this.#path(name), JSON.stringify({ at: now.toISOString(), reason }));
  }

  lift(name: string): boolean {
    const there = existsSync(this.#path(name));
    rmSync(this.#path(name), { force: true });
    return there;
  }

  /**
   * What a person asked for, done: puts the one on hold, lets the other go on. Gives a line to show for each. A hold that would stop nothing is refused, as whoever
   * asks for one must not think that it did.
   */
  flip({ hold, resume }: { hold?: string | undefined; resume?: string | undefined }, now: Date): string[] {
    const said: string[] = [];
    if (hold && hold !== "all" && !/[.:]/.test(hold))
      throw new Error(`${hold} is neither a source (topics.travis), nor a host, nor "all"`);
    if (hold) {
      this.put(hold, "put there by an operator", now);
      said.push(`${hold} is on hold`);
    }
    if (resume) said.push(this.lift(resume) ? `${resume} may go on` : `${resume} was not on hold`);
    return said;
  }

  /** Throws `SourceRefused` when any of these names is on hold. A file that says nothing readable holds too. */
  assertNone(names: readonly string[]): void {
    for (const name of names) {
      if (!existsSync(this.#path(name))) continue;
      let reason = "no reason given";
      try {
        reason = Hold.parse(JSON.parse(readFileSync(this.#path(name), "utf8"))).reason;
      } catch {
        // `touch holds/topics.travis` is a kill switch too.
      }
      throw new SourceRefused(
        `${name} is on hold: ${reason}. After a look at the site: npm run scrape -- --resume ${name}`,
      );
    }
  }

  #path(name: string): string {
    return join(this.#folder, name.replaceAll(/[^\w.-]/g, "_"));
  }
}
