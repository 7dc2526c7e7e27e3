import { setTimeout as sleep } from "node:timers/promises";
import { firmUrl } from "../../scripts/start/demo-facts";
import { PASSWORD } from "../http/call";
import { freshCode } from "../setup/factor";
import type { TestFirm } from "../setup/firms";
import { type Reply, type RequestOptions, request, until, visitor } from "../setup/http";

const PAUSE_MS = 20;
/** An office reads an export now and then. */
const EXPORT_PAUSE_MS = 1_500;

/**
 * What people and programs of a firm do all day, all at once, against one address: pages with a session, batches with a key, exports, changes of status, static
 * files that a page named a while ago. Keeps what was acknowledged, and everything that failed.
 */
export async function startLoad(baseUrl: string, firm: TestFirm) {
  const origin = firmUrl(baseUrl, firm.slug);
  const at = (path: string) => `${origin}${path}`;
  const failures: string[] = [];
  const counts: Record<string, number> = {};
  /** Leads whose batch was acknowledged. */
  const acknowledged: string[] = [];
  /** Static files by the page that named them first. */
  const named = new Set<string>();
  let moved = { leadId: "", status: "new", version: 0 };
  let isOn = true;

  /** One request; a status that is not expected, and a connection that broke, is a failure. */
  async function send(kind: string, path: string, options: RequestOptions = {}): Promise<Reply | null> {
    counts[kind] = (counts[kind] ?? 0) + 1;
    try {
      const reply = await request(at(path), options);
      if (reply.status === 200) return reply;
      failures.push(`${kind} ${path}: ${reply.status} ${reply.text.slice(0, 200)}`);
    } catch (error) {
      failures.push(`${kind} ${path}: ${error instanceof Error ? error.message : error}`);
    }
    return null;
  }

  const person = visitor();
  const post = (form: Record<string, string>) =>
    person.request(at("/api/auth/callback/credentials"), { body: new URLSearchParams(form), headers: { origin } });
  await post({ email: firm.user.email, password: PASSWORD });
  await post({ code: await freshCode(firm.id, firm.user) });
  // The one session of the whole rollout.
  const cookies = { ...person.cookies(origin) };
  const key = { "x-api-key": firm.key.text };

  async function readPage(): Promise<void> {
    const reply = await send("page", "/leads", { cookies });
    const found = reply?.text.match(/\/_next\/static\/[\w./~-]+\.(?:js|css)/g) ?? [];
    for (const each of found) named.add(each);
    if (reply && found.length === 0) failures.push("page /leads: names no script");
  }

  async function ingest(number: number): Promise<void> {
    const ids = Array.from({ length: 5 }, (_, i) => `rollout-${number}-${i}`);
    const leads = ids.map((sourceId) => ({
      sourceId,
      name: { full: `FICTUS, ROWAN ${sourceId}` },
      county: "Travis",
      charges: [],
    }));
    const headers = { ...key, "idempotency-key": `rollout-${number}` };
    const reply = await send("ingest", "/api/leads/ingest", { headers, body: { source: "api", leads } });
    if (!reply) return;
    const report = reply.json<{ created: number; results: { leadId?: string }[] }>();
    if (report.created !== ids.length) failures.push(`ingest ${number}: ${reply.text}`);
    acknowledged.push(...ids);
    if (!moved.leadId) moved = { ...moved, leadId: report.results[0]?.leadId ?? "" };
  }

  async function moveLead(): Promise<void> {
    if (!moved.leadId) return;
    const to = moved.status === "qualified" ? "mail_queued" : "qualified";
    const body = { leadId: moved.leadId, to, ...(moved.version ? { expectedVersion: moved.version } : {}) };
    const reply = await send("status", "/api/leads/status", { headers: key, body });
    if (reply) moved = { ...moved, ...reply.json<{ status: string; version: number }>() };
  }

  async function exportAll(): Promise<void> {
    const before = acknowledged.length;
    const reply = await send("export", "/api/leads/export", { headers: key });
    if (reply && (!reply.text.endsWith("\r\n") || reply.text.split("\r\n").length - 2 < before))
      failures.push(`export: ${reply.text.split("\r\n").length} lines of more than ${before}`);
  }

  async function fetchLate(turn: number): Promise<void> {
    const all = [...named];
    const path = all[turn % Math.max(1, all.length)];
    if (path) await send("static", path);
  }

  const again = async (work: (turn: number) => Promise<void>, pauseMs = PAUSE_MS) => {
    for (let turn = 0; isOn; turn++) {
      await work(turn);
      await sleep(pauseMs);
    }
  };
  const clients = [readPage, readPage, ingest, moveLead, fetchLate].map((work) => again(work));
  clients.push(again(exportAll, EXPORT_PAUSE_MS));

  return {
    failures,
    counts,
    acknowledged,
    named,
    cookies,
    lastMove: () => moved,
    total: () => Object.values(counts).reduce((sum, n) => sum + n, 0),
    /** Resolves once each kind of request was made so often again: the load is really on whatever was just set up. */
    async more(times = 3): Promise<void> {
      const before = { ...counts };
      await until("every kind of request is made again", () =>
        ["page", "ingest", "status", "static"].every((kind) => (counts[kind] ?? 0) >= (before[kind] ?? 0) + times),
      );
    },
    async stop(): Promise<void> {
      isOn = false;
      await Promise.all(clients);
    },
  };
}
