import type { ClientBase } from "pg";
import { AppError } from "@/lib/core/errors";
import { AT_ONCE_LIMITS } from "./rate-table";

export type AtOnceName = keyof typeof AT_ONCE_LIMITS;

/** Nobody knows when a reader will be done. */
const RETRY_AFTER_SECONDS = 10;

/**
 * Takes one of the places that a subject has for something at the same time, until the transaction on this connection ends, however it ends: a process that
 * dies gives its place back with its connection. Holds over all processes. @throws AppError `rate_limited` when every place is taken.
 */
export async function takePlace(client: ClientBase, name: AtOnceName, subject: string): Promise<void> {
  const { atOnce, protects } = AT_ONCE_LIMITS[name];
  // Rows are tried one after the other and no further than the first free place.
  const { rowCount } = await client.query(
    "SELECT 1 FROM generate_series(1, $2::int) AS place WHERE pg_try_advisory_xact_lock(hashtextextended($1 || '|' || place, 0)) LIMIT 1",
    [`${name}|${subject}`, atOnce],
  );
  if (rowCount === 1) return;
  throw new AppError("rate_limited", `At most ${atOnce} at the same time: ${protects}. Wait until one is done.`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
