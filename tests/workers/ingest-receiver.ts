import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  FinishIngestRun,
  IngestEnvelope,
  IngestLead,
  type IngestResult,
  IngestWithdrawal,
  StartIngestRun,
} from "@/lib/contracts/ingest";

export type ReceivedBatch = { key: string; body: string; leads: Record<string, unknown>[]; replayed: boolean };
export type ReceivedRun = { id: string; source: string; county: string | undefined; finished: FinishIngestRun[] };
/** What one firm's side of the API has seen and holds. */
export type FirmSide = {
  batches: ReceivedBatch[];
  runs: ReceivedRun[];
  held: Map<string, { source: string; lead: string }>;
  knownAsked: number;
  /** Ids that the firm has erased. */
  suppressed: Set<string>;
};

type Failure = {
  firm: string;
  path: string;
  status: number;
  times: number;
  headers?: Record<string, string>;
  afterWork?: boolean;
};

/** The ingest contract over real HTTP, with memory instead of a database: the far end of a scraper. */
export class IngestReceiver {
  readonly firms = new Map<string, FirmSide>();
  url = "";
  /** What `known` says about the next look: in an hour, unless a test wants every form due. */
  nextObserveInMs = 3_600_000;
  knownPageSize = 1000;
  /** Called for every request, after its work is done and before it is answered. */
  onRequest: (path: string) => void = () => {};
  #failures: Failure[] = [];
  #replies = new Map<string, { body: string; reply: string }>();
  readonly #server = createServer((req, res) => void this.#serve(req, res));

  constructor(readonly keys: Record<string, string>) {
    for (const firm of Object.values(keys)) {
      this.firms.set(firm, { batches: [], runs: [], held: new Map(), knownAsked: 0, suppressed: new Set() });
    }
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  side(firm: string): FirmSide {
    const side = this.firms.get(firm);
    if (!side) throw new Error(`no firm ${firm}`);
    return side;
  }

  /** Lets calls of a firm fail; with `afterWork` the work is done and only the reply is lost. */
  fail(failure: Failure): void {
    this.#failures.push(failure);
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const url = new URL(req.url ?? "/", this.url);
    const firm = this.keys[(req.headers.authorization ?? "").replace("Bearer ", "")];
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      res.writeHead(status, { "content-type": "application/json", ...headers });
      res.end(typeof body === "string" ? body : JSON.stringify(body));
    };
    if (!firm) return answer(401, { code: "unauthenticated" });
    const failure = this.#failures.find(
      (each) => each.firm === firm && url.pathname.includes(each.path) && each.times > 0,
    );
    if (failure) failure.times -= 1;
    if (failure && !failure.afterWork) return answer(failure.status, { code: "failed" }, failure.headers);
    const [status, body] = this.#work(this.side(firm), firm, req, url, Buffer.concat(chunks).toString("utf8"));
    this.onRequest(url.pathname);
    if (failure) return answer(failure.status, { code: "lost" }, failure.headers);
    answer(status, body);
  }

  #work(side: FirmSide, firm: string, req: IncomingMessage, url: URL, body: string): [number, unknown] {
    const key = String(req.headers["idempotency-key"] ?? "");
    const finish = /^\/api\/ingest\/runs\/([^/]+)$/.exec(url.pathname)?.[1];
    if (req.method === "GET" && url.pathname === "/api/ingest/known") return [200, this.#known(side, url)];
    if (req.method === "PATCH" && finish) {
      const run = side.runs.find((each) => each.id === finish);
      if (!run) return [404, { code: "not_found" }];
      run.finished.push(FinishIngestRun.parse(JSON.parse(body)));
      return [200, { id: run.id }];
    }
    if (req.method !== "POST" || key === "") return [400, { code: "invalid_request" }];
    const before = this.#replies.get(`${firm} ${url.pathname} ${key}`);
    if (before && before.body !== body) return [422, { code: "unprocessable" }];
    const isBatch = url.pathname === "/api/leads/ingest";
    if (isBatch) {
      const { leads } = IngestEnvelope.parse(JSON.parse(body));
      side.batches.push({ key, body, leads: leads as Record<string, unknown>[], replayed: before !== undefined });
    }
    if (before) return [200, before.reply];
    const reply = JSON.stringify(isBatch ? this.#ingest(side, body) : this.#startRun(side, body));
    this.#replies.set(`${firm} ${url.pathname} ${key}`, { body, reply });
    return [200, reply];
  }

  #startRun(side: FirmSide, body: string): unknown {
    const { source, county } = StartIngestRun.parse(JSON.parse(body));
    const run = { id: randomUUID(), source, county, finished: [] };
    side.runs.push(run);
    return { id: run.id, source, county, status: "running", startedAt: new Date().toISOString(), finishedAt: null };
  }

  #known(side: FirmSide, url: URL): unknown {
    side.knownAsked += 1;
    const source = url.searchParams.get("source");
    const from = Number(url.searchParams.get("cursor") ?? "0");
    const all = [...side.held].filter(([, held]) => held.source === source).map(([id]) => id);
    const nextObserveAt = new Date(Date.now() + this.nextObserveInMs).toISOString();
    const known = all
      .slice(from, from + this.knownPageSize)
      .map((sourceId) => ({ sourceId, contentHash: "x", nextObserveAt }));
    const next = from + this.knownPageSize;
    return { known, nextCursor: next < all.length ? String(next) : null };
  }

  #ingest(side: FirmSide, body: string): unknown {
    const envelope = IngestEnvelope.parse(JSON.parse(body));
    const results = envelope.leads.map((row, index) => this.#take(side, envelope.source, row, index));
    const count = (outcome: IngestResult["outcome"]) => results.filter((result) => result.outcome === outcome).length;
    return {
      batchId: randomUUID(),
      received: results.length,
      created: count("created"),
      updated: count("updated"),
      unchanged: count("unchanged"),
      rejected: count("rejected"),
      superseded: 0,
      suppressed: count("suppressed"),
      results,
    };
  }

  #take(side: FirmSide, source: string, row: unknown, index: number): IngestResult {
    const withdrawal = IngestWithdrawal.safeParse(row);
    if (withdrawal.success) {
      const { sourceId } = withdrawal.data;
      return { index, sourceId, outcome: side.held.delete(sourceId) ? "updated" : "unchanged" };
    }
    const { sourceId, ...lead } = IngestLead.parse(row);
    if (side.suppressed.has(sourceId)) return { index, sourceId, outcome: "suppressed" };
    const shown = JSON.stringify(lead);
    const before = side.held.get(sourceId);
    side.held.set(sourceId, { source, lead: shown });
    return { index, sourceId, outcome: !before ? "created" : before.lead === shown ? "unchanged" : "updated" };
  }
}
