import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, systemClock } from "@/lib/core/clock";
import { readSandboxEnv } from "./env";
import { BodyTooLarge, type Handler, replyText } from "./http/exchange";
import { FaultQueue } from "./http/faults";
import { RequestLog } from "./http/request-log";
import { topicsHandler } from "./topics/handler";
import { Session } from "./topics/session";
import { TopicsSite } from "./topics/site";

export type SandboxOptions = {
  /** 0 or nothing takes a free port. */
  port?: number;
  clock?: Clock;
  env?: "test" | "development" | "demo" | "production";
  /** Whether the demo day moves with the clock. It does, except in tests. */
  live?: boolean;
  /** Earlier starts of the same demo, so that its forms are still there. */
  starts?: readonly Date[];
};

export type Sandbox = {
  url: string;
  port: number;
  topics: TopicsSite;
  faults: Record<Vendor, FaultQueue>;
  log: RequestLog;
  close(): Promise<void>;
};

export const VENDORS = ["topics", "twilio", "kickbox"] as const;
export type Vendor = (typeof VENDORS)[number];

/** Starts every stand-in on one port of 127.0.0.1. Refuses in production: there, a stand-in would be a lie. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const environment = options.env ?? readSandboxEnv().environment;
  if (environment === "production" || readSandboxEnv().environment === "production")
    throw new Error("The sandbox does not run in production (ARRESTRA_ENV=production).");
  const clock = options.clock ?? systemClock;
  const site = new TopicsSite({ clock, live: options.live ?? environment !== "test", starts: options.starts });
  const faults = { topics: new FaultQueue(), twilio: new FaultQueue(), kickbox: new FaultQueue() };
  const log = new RequestLog();
  const robots = () => ({ status: 200, text: "User-agent: *\nAllow: /\nDisallow: /control/\n" });
  const routes: readonly (readonly [string, Handler])[] = [
    ["/topics", topicsHandler({ site, faults: faults.topics, robots })],
    ["/topics-js", topicsHandler({ site, faults: faults.topics, robots, session: new Session() })],
    [
      "",
      async ({ res, path }) =>
        path === "/robots.txt" ? replyText(res, 200, robots().text) : replyText(res, 404, "Not found\n"),
    ],
  ];
  const server = createServer((req, res) => void serve(routes, log, req, res));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    topics: site,
    faults,
    log,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  routes: readonly (readonly [string, Handler])[],
  log: RequestLog,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const url = new URL(req.url ?? "/", "http://127.0.0.1");
  const [base, handler] =
    routes.find(([prefix]) => url.pathname === prefix || url.pathname.startsWith(`${prefix}/`)) ?? [];
  if (base === undefined || !handler) return replyText(res, 404, "Not found\n");
  const vendor = base.slice(1).replace("topics-js", "topics") || "front";
  const began = performance.now();
  const at = new Date().toISOString();
  log.begin(vendor);
  res.once("close", () => {
    const status = res.headersSent ? res.statusCode : null;
    log.end({
      at,
      vendor,
      method: req.method ?? "GET",
      path: req.url ?? "/",
      status,
      durationMs: Math.round(performance.now() - began),
    });
  });
  try {
    await handler({ req, res, url, base, path: url.pathname.slice(base.length) });
  } catch (problem) {
    if (res.headersSent || res.destroyed) res.destroy();
    else if (problem instanceof BodyTooLarge) replyText(res, 413, "Payload too large\n");
    else
      replyText(
        res,
        500,
        `The sandbox itself failed: ${problem instanceof Error ? problem.message : String(problem)}\n`,
      );
  }
}
