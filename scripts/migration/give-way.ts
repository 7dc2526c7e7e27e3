import { setTimeout as sleep } from "node:timers/promises";

/** How long a migration may hold others up, and how often it tries again. */
export type Patience = {
  /** A statement that waits longer for a lock gives way: whoever asks for that table after it waits behind it. */
  lockTimeoutMs: number;
  /** A statement that runs longer ends, with all that its transaction did. */
  statementTimeoutMs: number;
  /** Tries in all. */
  tries: number;
  /** Before the second try; twice as long before each further one. */
  pauseMs: number;
};

/**
 * Well below what a request that has waited long for its connection may still wait for a lock (LEAST_LOCK_WAIT_MS in lib/platform/db.ts): all that queue behind the
 * migration still get theirs. About half a minute of pauses in all: a transaction that lasts longer is one to look at first.
 */
export const PATIENCE: Patience = { lockTimeoutMs: 300, statementTimeoutMs: 60_000, tries: 8, pauseMs: 250 };

/** Building an index while others write takes as long as the table is big, and who waits for it waits for nobody else. */
export const PATIENCE_WITHOUT_TRANSACTION = { lockTimeoutMs: 60_000, statementTimeoutMs: 3_600_000 };

/** Postgres: the lock was not to be had in time; or two waited for each other and this one was chosen to give way. */
const GAVE_WAY = new Set(["55P03", "40P01"]);

const gaveWay = (error: unknown): boolean => GAVE_WAY.has((error as { code?: string }).code ?? "");

/** Runs `attempt` until it is not turned away by a lock. Throws its last failure with a sentence for the person who deploys. */
export async function tryUntilLocked(
  { tries, pauseMs, lockTimeoutMs }: Patience,
  attempt: () => Promise<void>,
): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!gaveWay(error)) throw error;
      if (tried >= tries)
        throw new Error(
          `a lock was not to be had within ${lockTimeoutMs} ms, ${tries} times in a row, so nothing was changed. Somebody keeps a transaction open: ` +
            "look for the oldest xact_start in pg_stat_activity, let it end, and migrate again.",
          { cause: error },
        );
      await sleep(pauseMs * 2 ** (tried - 1));
    }
  }
}
