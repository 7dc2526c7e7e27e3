import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import { AppError } from "@/lib/core/errors";
import { env } from "./env";
import { takeTurn, withinShare } from "./firm-share";
import { Prisma, PrismaClient } from "./generated/prisma/client";
import { failureFields, log } from "./log";
import { makePool } from "./pool";

export { Prisma };
/** A transaction of the app role with one firm's tenant set. */
export type Tx = Prisma.TransactionClient;

type Pools = {
  app: PrismaClient;
  appPool: pg.Pool;
  house: pg.Pool;
  platform: PrismaClient | null;
  platformPool: pg.Pool | null;
};

// One set of pools per process, also when Next loads this module in more than one bundle.
const holder = globalThis as typeof globalThis & { arrestraPools?: Pools };

// Postgres has no time limits of its own: a stuck lock or query must end as a 503, not as a queue of waiting requests.
const LIMITS =
  "-c statement_timeout=30000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=30000 -c timezone=UTC -c jit=off";

/** Each question to it is short, and none of those who ask holds another of its connections. */
const HOUSE_POOL = 4;

function pools(): Pools {
  if (!holder.arrestraPools) {
    const appPool = makePool("APP_DATABASE_URL", { max: env().APP_DATABASE_POOL, options: LIMITS });
    const platformPool = env().PLATFORM_DATABASE_URL
      ? makePool("PLATFORM_DATABASE_URL", { max: 4, options: LIMITS })
      : null;
    holder.arrestraPools = {
      appPool,
      app: new PrismaClient({ adapter: new PrismaPg(appPool) }),
      house: makePool("APP_DATABASE_URL", { max: HOUSE_POOL, options: LIMITS }),
      platformPool,
      platform: platformPool && new PrismaClient({ adapter: new PrismaPg(platformPool) }),
    };
  }
  return holder.arrestraPools;
}

// A connection that cannot be had within two seconds means that the pool is exhausted: say so rather than wait.
const TRANSACTION = { maxWait: 2000, timeout: 30_000 };
/** What a transaction of a firm may wait for its turn, its connection and its first lock: whoever asked has an answer within three seconds. */
const WAIT_MS = 2500;
/** The share of a process' connections that one firm may hold: the others always find some. */
const FIRM_SHARE = 2 / 3;
/** A connection that is free is there within this, and locks that are held for moments are worth more, even after a long wait for what comes before them. */
const LEAST_CONNECT_MS = 250;
const LEAST_LOCK_WAIT_MS = 500;

/** Two at least: what copies says how far it is. Only with a pool of two are those all that there are. */
const shareOfFirm = (): number => Math.max(2, Math.floor(env().APP_DATABASE_POOL * FIRM_SHARE));

/** The leads that a transaction reaches: those of these counties, with one of these as the gravest charge. Null or an empty list is no limit. */
export type RowScope = { counties: readonly string[]; classes: readonly string[] } | null;

/** A list as the policies read it; the empty text is no limit. */
const limitText = (values: readonly string[] = []): string => (values.length > 0 ? JSON.stringify(values) : "");

const committed = new WeakMap<Tx, (() => void)[]>();

/** Does something small once this transaction has committed, and never if it does not: what is counted did happen. */
export function afterCommit(tx: Tx, then: () => void): void {
  const waiting = committed.get(tx) ?? [];
  waiting.push(then);
  committed.set(tx, waiting);
}

/**
 * Runs `fn` in one transaction of the app role with `app.tenant_id` and the limits of `scope` set for its length only, so that nothing leaks to the
 * next user of the connection. Its callers are listed in tests/architecture: verbs use `inTenant`, which knows the scope.
 * @throws AppError `unavailable` when the database cannot be reached, no connection is free, or the firm's share of them is in use.
 */
export async function tenantTransaction<T>(
  tenantId: string,
  fn: (tx: Tx) => Promise<T>,
  { scope = null, timeoutMs = TRANSACTION.timeout }: { scope?: RowScope; timeoutMs?: number | undefined } = {},
): Promise<T> {
  let own: Tx | undefined;
  const askedAt = performance.now();
  /** What is left of a time that began when we were asked. */
  const left = (ms: number, least: number) => Math.max(least, Math.round(ms - (performance.now() - askedAt)));
  const atOnce = shareOfFirm();
  const turn = await withinShare(tenantId, { atOnce, maxWaitMs: TRANSACTION.maxWait }, () =>
    reachable(() =>
      pools().app.$transaction(
        async (tx) => {
          own = tx;
          const lockTimeout = `${left(WAIT_MS, LEAST_LOCK_WAIT_MS)}ms`;
          await tx.$executeRaw`SELECT set_config('app.tenant_id', ${tenantId}, true), set_config('lock_timeout', ${lockTimeout}, true),
          set_config('app.scope_counties', ${limitText(scope?.counties)}, true),
          set_config('app.scope_classes', ${limitText(scope?.classes)}, true)`;
          return fn(tx);
        },
        { maxWait: left(TRANSACTION.maxWait, LEAST_CONNECT_MS), timeout: timeoutMs },
      ),
    ),
  );
  if (!turn) throw shareInUse(tenantId, atOnce);
  for (const then of (own && committed.get(own)) ?? []) then();
  return turn.result;
}

function shareInUse(tenantId: string, count: number): AppError {
  log.warn("a firm waits for its own transactions", { tenantId, count });
  const detail = "Your firm has too many requests running at once. Nothing was saved; try again shortly.";
  return new AppError("unavailable", detail, { retryAfterSeconds: 2 });
}

/** Runs `fn` in one transaction of the platform role, which reads a few named columns across firms. Verbs use `asPlatform`. */
export async function platformTransaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
  const { platform, app } = pools();
  if (platform) return reachable(() => platform.$transaction(fn, TRANSACTION));
  return reachable(() =>
    app.$transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL ROLE arrestra_platform`;
      return fn(tx);
    }, TRANSACTION),
  );
}

/**
 * A bare pool of the app role, for what belongs to no firm: rate limits, the queue's own tables, health. No firm is set on its connections, so
 * row-level security shows them no tenant row at all. Its connections are its own: a limit is asked by work that already holds one of the others, and
 * in one pool many of those would wait for each other until all of them fail.
 */
export const housePool = (): pg.Pool => pools().house;

/**
 * A connection of the app role for COPY, with the tenant and the limits of `scope` set; give it back with `done(failed)`. It counts for the firm's share for as
 * long as somebody reads, and leaves one of that to what is short.
 * @throws AppError `unavailable` as a transaction of the firm does.
 */
export async function copyClient(
  tenantId: string,
  scope: RowScope,
): Promise<{ client: pg.PoolClient; done: (failed: boolean) => Promise<void> }> {
  const atOnce = shareOfFirm() - 1;
  const giveBack = await takeTurn(tenantId, { atOnce, maxWaitMs: TRANSACTION.maxWait });
  if (!giveBack) throw shareInUse(tenantId, atOnce);
  try {
    const client = await reachable(() => beginCopy(tenantId, scope));
    return {
      client,
      done: async (failed) => {
        // A stream that was cut off leaves the connection in the middle of a COPY: only closing it is safe.
        if (failed) client.release(true);
        else
          await client.query("COMMIT").then(
            () => client.release(),
            () => client.release(true),
          );
        giveBack();
      },
    };
  } catch (error) {
    giveBack();
    throw error;
  }
}

async function beginCopy(tenantId: string, scope: RowScope): Promise<pg.PoolClient> {
  const client = await pools().appPool.connect();
  try {
    await client.query("BEGIN READ ONLY");
    await client.query(
      "SELECT set_config('app.tenant_id', $1, true), set_config('app.scope_counties', $2, true), set_config('app.scope_classes', $3, true)",
      [tenantId, limitText(scope?.counties), limitText(scope?.classes)],
    );
    return client;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

const GONE = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"]);
const PRISMA_GONE = new Set(["P1001", "P1002", "P1008", "P1017", "P2024", "P2028", "P2034", "P2037"]);
/**
 * SQLSTATE classes that blame the moment and not the question: connection (08), idle too long (25P03), a password that is being changed (28P01), deadlock
 * and serialisation (40), disk, memory or connections used up (53), lock or statement timeout (55P03, 57), the system below (58).
 */
const GONE_STATE = /^(08...|25P03|28P01|40...|53...|55P03|57...|58...)$/;
const isGoneCode = (code: unknown): boolean =>
  typeof code === "string" && (GONE.has(code) || PRISMA_GONE.has(code) || GONE_STATE.test(code));

/** True when a failure says that the database is away, busy or locked rather than that the question was wrong. */
export function isDatabaseAway(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as Error & { code?: unknown }).code;
    if (isGoneCode(code)) return true;
    const driver = (at as Error & { meta?: { driverAdapterError?: unknown } }).meta?.driverAdapterError;
    if (driver instanceof Error && isDatabaseAway(driver)) return true;
    const original = at.cause as { originalCode?: unknown } | undefined;
    if (isGoneCode(original?.originalCode)) return true;
    if (
      /Connection terminated|timeout exceeded when trying to connect|connection timeout|not queryable|Query read timeout/i.test(
        at.message,
      )
    )
      return true;
  }
  return false;
}

/** True when a failure is one of the moment that whoever asks next would meet as well: the database is away or busy, or a firm's share of it is in use. */
export const isUnavailable = (error: unknown): boolean =>
  (error instanceof AppError && error.code === "unavailable") || isDatabaseAway(error);

async function reachable<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AppError || !isDatabaseAway(error)) throw error;
    log.error("the database is away or busy", failureFields(error));
    throw new AppError(
      "unavailable",
      "The database is not available right now. Nothing was saved; try again shortly.",
      {
        cause: error,
        retryAfterSeconds: 2,
      },
    );
  }
}

/**
 * Refuses to run with a role that could see past row-level security: superuser, BYPASSRLS, owner of a tenant table, or member of a role that is.
 * Asked once at start.
 */
export async function assertRoleIsBound(): Promise<void> {
  const { rows } = await pools().appPool.query<{ role: string; why: string }>(`
    WITH RECURSIVE mine(oid) AS (
      SELECT oid FROM pg_roles WHERE rolname = current_user
      UNION SELECT m.roleid FROM pg_auth_members m JOIN mine ON m.member = mine.oid)
    SELECT r.rolname AS role, CASE WHEN r.rolsuper THEN 'is a superuser' WHEN r.rolbypassrls THEN 'has BYPASSRLS'
      ELSE 'owns tenant tables' END AS why
    FROM pg_roles r JOIN mine USING (oid)
    WHERE r.rolsuper OR r.rolbypassrls
       OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relname = 'lead' AND c.relkind = 'r')`);
  const bad = rows[0];
  if (bad) {
    throw new Error(
      `APP_DATABASE_URL must use a role that row-level security binds, but ${bad.role} ${bad.why}. See prisma/bootstrap.sql.`,
    );
  }
}

/** Closes every pool, for scripts and tests. */
export async function closeDatabase(): Promise<void> {
  const open = holder.arrestraPools;
  holder.arrestraPools = undefined;
  if (!open) return;
  await open.app.$disconnect();
  await open.platform?.$disconnect();
  // A pool of our own stays open when its client disconnects, and keeps a process that is done alive until its connections are idle for long.
  for (const pool of [open.appPool, open.house, open.platformPool]) if (pool && !pool.ended) await pool.end();
}
