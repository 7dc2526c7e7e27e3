import pg from "pg";
import { databaseAddress } from "@/lib/platform/env";
import { CALLED, read, type Say, text, wholeNumber } from "./command";

/** What a server shows of a connection. No text of a statement: it may hold what it is about. */
type Connection = {
  pid: number;
  who: string;
  program: string;
  /** Null where the login that looked may see no more. */
  state: string | null;
  from: string | null;
  stateSeconds: number | null;
  transactionSeconds: number | null;
  /** When its transaction began, by the server's clock. */
  transactionSince: number | null;
  waitsFor: string | null;
  heldUpBy: number[];
  isOurs: boolean;
};
type Seen = { connections: Connection[]; most: number };

const NOT_ALLOWED = "42501";
const CONNECT_MS = 3000;
/** A backend ends between two of its steps. */
const END_MS = 5000;

const LOOK = `
  SELECT pid, usename AS who, coalesce(nullif(application_name, ''), 'no name') AS program, state, host(client_addr) AS "from",
    extract(epoch FROM clock_timestamp() - state_change)::int AS "stateSeconds",
    extract(epoch FROM clock_timestamp() - xact_start)::int AS "transactionSeconds", extract(epoch FROM xact_start)::float8 AS "transactionSince",
    CASE WHEN state = 'active' THEN wait_event_type || ' ' || wait_event END AS "waitsFor",
    pg_blocking_pids(pid) AS "heldUpBy", pid = pg_backend_pid() AS "isOurs"
  FROM pg_stat_activity WHERE datname = current_database() AND usename IS NOT NULL`;

/** Lists who is connected to the database and who waits for whom, or ends one connection. */
export async function connections(args: string[], say: Say): Promise<number> {
  const { values } = read(args, { end: text });
  if (values.end === undefined) return list(await look(), say);
  return end(wholeNumber(values.end, "end", { from: 1, to: 2 ** 31 - 1 }), say);
}

function list({ connections: all, most }: Seen, say: Say): number {
  const holding = new Set(all.flatMap(({ heldUpBy }) => heldUpBy));
  const isQuiet = (each: Connection) =>
    (each.state === "idle" || each.state === null) && each.heldUpBy.length === 0 && !holding.has(each.pid);
  for (const each of all.filter((one) => !isQuiet(one))) say(lineOf(each, all));
  const quiet = Map.groupBy(all.filter(isQuiet), ({ who, program, state }) =>
    [who, program, state ?? "not shown to these logins"].join("  "),
  );
  for (const [words, { length }] of quiet) say(`${String(length).padStart(7)}  ${words}`);
  say(`${all.length} connections to this database; the server takes ${most} in all.`);
  if (holding.size > 0) say(`To end one that holds up others: ${CALLED} connections --end PID`);
  return 0;
}

function lineOf(each: Connection, all: readonly Connection[]): string {
  const { pid, who, program, state, from, stateSeconds, transactionSeconds, waitsFor, heldUpBy } = each;
  const held = all.filter((other) => other.heldUpBy.includes(pid)).map((other) => other.pid);
  return [
    `pid ${pid}  ${who}  ${program}${from ? `  from ${from}` : ""}  ${state ?? "not shown to these logins"}`,
    ...(stateSeconds === null ? [] : [`for ${stateSeconds} s`]),
    ...(transactionSeconds === null ? [] : [`its transaction for ${transactionSeconds} s`]),
    ...(waitsFor ? [`waits for ${waitsFor}`] : []),
    ...(heldUpBy.length > 0 ? [`HELD UP BY ${heldUpBy.join(", ")}`] : []),
    ...(held.length > 0 ? [`holds up ${held.join(", ")}`] : []),
  ].join("; ");
}

async function end(pid: number, say: Say): Promise<number> {
  const { connections: all } = await look();
  const found = all.find((each) => each.pid === pid);
  if (!found) throw new Error(`There is no connection ${pid} to this database. Nothing was ended.`);
  for (const url of logins()) {
    const told = await asLogin(url, async (client) => {
      const { rows } = await client.query<{ ended: boolean }>(
        "SELECT pg_terminate_backend(pid, $2) AS ended FROM pg_stat_activity WHERE pid = $1 AND datname = current_database()",
        [pid, END_MS],
      );
      return rows[0]?.ended ?? true;
    }).catch((error: unknown) => {
      if (error instanceof pg.DatabaseError && error.code === NOT_ALLOWED) return null;
      throw error;
    });
    if (told === null) continue;
    say(
      told
        ? `Connection ${pid} of ${found.who} has ended. Its transaction, if it had one, is rolled back.`
        : `Connection ${pid} of ${found.who} was told to end and has not yet. ${CALLED} connections says when.`,
    );
    return told ? 0 : 1;
  }
  throw new Error(`Connection ${pid} is one of ${found.who}, which the logins of this command may not end.`);
}

/** The app's login sees and ends what the product does, the owner's what a migration or an erasure does. */
const logins = (): string[] => [
  ...new Set([databaseAddress("APP_DATABASE_URL"), process.env.DATABASE_URL].flatMap((url) => (url ? [url] : []))),
];

/** What all logins together may see. One that does not get in is no reason to say nothing: the server may be full for it alone. */
async function look(): Promise<Seen> {
  const looks = await Promise.allSettled(
    logins().map((url) =>
      asLogin(url, async (client) => {
        const { rows: connections } = await client.query<Connection>(LOOK);
        const { rows } = await client.query<{ most: number }>("SELECT current_setting('max_connections')::int AS most");
        return { connections, most: rows[0]?.most ?? 0 };
      }),
    ),
  );
  const seen = looks.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const [first] = seen;
  if (!first) throw looks.find((each) => each.status === "rejected")?.reason;
  const every = seen.flatMap((each) => each.connections);
  const ours = new Set(every.filter(({ isOurs }) => isOurs).map(({ pid }) => pid));
  const byPid = new Map<number, Connection>();
  for (const each of every)
    if (!ours.has(each.pid) && (byPid.get(each.pid)?.state ?? null) === null) byPid.set(each.pid, each);
  // Here, as each login is told only of its own when their transactions began.
  const began = ({ transactionSince }: Connection) => transactionSince ?? Number.MAX_VALUE;
  const oldestFirst = [...byPid.values()].toSorted((one, other) => began(one) - began(other) || one.pid - other.pid);
  return { connections: oldestFirst, most: first.most };
}

async function asLogin<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString,
    application_name: "arrestra-connections",
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: 3 * END_MS,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
