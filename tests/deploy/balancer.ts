import { existsSync, readFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { request, until } from "../setup/http";

const CHECK_EVERY_MS = 200;
/** So many checks in a row decide, as at an ALB. */
const THRESHOLD = 2;
const STATIC = "/_next/static/";

type Target = {
  port: number;
  release: string;
  checks: boolean[];
  isLeaving: boolean;
  underWay: number;
  served: number;
};

/**
 * Stands for what is in front of the servers on AWS. As an ALB it asks each target for `/api/health`, sends requests by turns to those that are well, over
 * connections that it keeps, and never sends one twice: what a server loses is a 502. As CloudFront it serves `/_next/static/` from a bucket in which the files
 * of every release stay.
 */
export async function startBalancer() {
  const targets: Target[] = [];
  const bucket: string[] = [];
  const agent = new http.Agent({ keepAlive: true });
  const servedBy = new Map<string, number>();
  let turn = 0;
  let isOpen = true;

  const isWell = ({ checks, isLeaving }: Target) =>
    !isLeaving && checks.slice(-THRESHOLD).filter(Boolean).length === THRESHOLD;
  /** A target that was well stays in until it fails as often as it had to succeed. */
  const isIn = (target: Target) =>
    isWell(target) || (!target.isLeaving && target.served > 0 && target.checks.slice(-THRESHOLD).some(Boolean));

  const server = http.createServer((incoming, outgoing) => {
    const [pathname = ""] = (incoming.url ?? "").split("?");
    if (pathname.startsWith(STATIC)) return serveStatic(pathname, outgoing);
    const inService = targets.filter(isIn);
    const target = inService[turn++ % Math.max(1, inService.length)];
    if (!target) return outgoing.writeHead(503).end("no target is well");
    forward(target, incoming, outgoing);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;

  function serveStatic(pathname: string, outgoing: http.ServerResponse): void {
    const name = decodeURIComponent(pathname.slice(STATIC.length));
    const folder = bucket.find((each) => existsSync(path.join(each, name)));
    if (!folder) outgoing.writeHead(404).end();
    else
      outgoing
        .writeHead(200, { "cache-control": "public, max-age=31536000, immutable" })
        .end(readFileSync(path.join(folder, name)));
  }

  function forward(target: Target, incoming: http.IncomingMessage, outgoing: http.ServerResponse): void {
    target.underWay++;
    target.served++;
    servedBy.set(target.release, (servedBy.get(target.release) ?? 0) + 1);
    const done = () => target.underWay--;
    outgoing.once("close", done);
    const headers = {
      ...incoming.headers,
      "x-forwarded-for": incoming.socket.remoteAddress ?? "",
      connection: "keep-alive",
    };
    const { method, url } = incoming;
    const onward = http.request(
      { agent, host: "127.0.0.1", port: target.port, method, path: url, headers },
      (reply) => {
        const { connection: _, ...replied } = reply.headers;
        outgoing.writeHead(reply.statusCode ?? 502, replied);
        reply.pipe(outgoing);
        reply.once("error", () => outgoing.destroy());
      },
    );
    onward.once("error", (error) => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end(`the target is lost: ${error.message}`);
    });
    incoming.pipe(onward);
  }

  async function check(target: Target): Promise<void> {
    while (isOpen && targets.includes(target)) {
      const reply = await request(`http://127.0.0.1:${target.port}/api/health`, { timeoutMs: 5_000 }).catch(() => null);
      target.checks.push(reply?.status === 200);
      await sleep(CHECK_EVERY_MS);
    }
  }

  const find = (ofPort: number): Target => {
    const target = targets.find((each) => each.port === ofPort);
    if (!target) throw new Error(`no target at ${ofPort}`);
    return target;
  };
  const remove = (target: Target) => targets.splice(targets.indexOf(target), 1);

  return {
    port,
    servedBy,
    /** Keeps the static files of a release, beside those of every other. */
    publish: (folder: string) => bucket.push(path.join(folder, ".next", "static")),
    /** Resolves when the target is well and gets requests. */
    async register(ofPort: number, release: string): Promise<void> {
      const target = { port: ofPort, release, checks: [], isLeaving: false, underWay: 0, served: 0 };
      targets.push(target);
      void check(target);
      await until(`${release} at ${ofPort} is well`, () => isWell(target));
    },
    /** As ECS does before it ends a task: nothing new goes there; resolves when what is under way is through. */
    async deregister(ofPort: number): Promise<void> {
      const target = find(ofPort);
      target.isLeaving = true;
      await until("what is under way is through", () => target.underWay === 0);
      remove(target);
    },
    /** Resolves when the target's own word has taken it out. */
    async sawLeave(ofPort: number): Promise<void> {
      const target = find(ofPort);
      await until("the health check takes it out", () => !isIn(target));
      remove(target);
    },
    async stop(): Promise<void> {
      isOpen = false;
      agent.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
