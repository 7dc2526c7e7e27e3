import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, systemClock } from "@/lib/core/clock";
import { acuityHandler } from "./acuity/handler";
import { controlHandler } from "./control/handler";
import { startDns } from "./dns/server";
import type { DnsZone } from "./dns/zone";
import { readSandboxEnv } from "./env";
import { frontHandler } from "./front-page";
import { googleHandler } from "./google/handler";
import { BodyTooLarge, type Handler, replyText } from "./http/exchange";
import type { FaultQueue } from "./http/faults";
import type { RateLimit } from "./http/rate";
import type { RequestLog } from "./http/request-log";
import { kickboxHandler } from "./kickbox/handler";
import { makeParts, type SandboxParts } from "./parts";
import type { PostBox } from "./post/box";
import { mailHandler, textsHandler } from "./post/handler";
import { topicsHandler } from "./topics/handler";
import { Session } from "./topics/session";
import { TopicsSite } from "./topics/site";
import { twilioHandler } from "./twilio/handler";
import { zohoHandler } from "./zoho/handler";
import { zoomHandler } from "./zoom/handler";

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

/** One stand-in: `url` is what the product gets as the vendor's base address. */
type StandIn = { url: string; faults: FaultQueue; rate: RateLimit };

export type Sandbox = {
  url: string;
  port: number;
  /** `jsUrl` is the variant that needs a browser. */
  topics: StandIn & { jsUrl: string; site: TopicsSite; robots: SandboxParts["robots"] };
  twilio: StandIn;
  kickbox: StandIn & { balance: SandboxParts["balance"] };
  acuity: StandIn & { world: SandboxParts["worlds"]["acuity"] };
  google: StandIn & { world: SandboxParts["worlds"]["google"] };
  zoom: StandIn & { world: SandboxParts["worlds"]["zoom"] };
  zoho: StandIn & { world: SandboxParts["worlds"]["zoho"] };
  /** What was mailed and texted. */
  mail: StandIn & { box: PostBox };
  texts: StandIn & { box: PostBox };
  /** A name server over UDP, on the same port number unless another program has it: `address` is what the product gets as DNS_SERVERS. */
  dns: { address: string; zone: DnsZone };
  log: RequestLog;
  reset(): void;
  close(): Promise<void>;
};

/** Starts every stand-in on one port of 127.0.0.1. Refuses in production: there, a stand-in would be a lie. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const ambient = readSandboxEnv().environment;
  const environment = options.env ?? ambient;
  if (environment === "production" || ambient === "production")
    throw new Error("The sandbox does not run in production (ARRESTRA_ENV=production).");
  const clock = options.clock ?? systemClock;
  const site = new TopicsSite({ clock, live: options.live ?? environment !== "test", starts: options.starts });
  const parts = makeParts(site);
  const routes = routesOf(parts, clock);
  const server = createServer((req, res) => void serve(routes, parts.log, req, res));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const { faults, rates, worlds, boxes, robots, balance, zone, log } = parts;
  const dns = await startDns(zone, log, { port, isFixed: !!options.port }).catch((problem: unknown) => {
    server.close();
    throw problem;
  });
  return {
    url,
    port,
    topics: {
      url: `${url}/topics`,
      jsUrl: `${url}/topics-js`,
      site,
      robots,
      faults: faults.topics,
      rate: rates.topics,
    },
    twilio: { url: `${url}/twilio`, faults: faults.twilio, rate: rates.twilio },
    kickbox: { url: `${url}/kickbox`, balance, faults: faults.kickbox, rate: rates.kickbox },
    acuity: { url: `${url}/acuity`, world: worlds.acuity, faults: faults.acuity, rate: rates.acuity },
    google: { url: `${url}/google`, world: worlds.google, faults: faults.google, rate: rates.google },
    zoom: { url: `${url}/zoom`, world: worlds.zoom, faults: faults.zoom, rate: rates.zoom },
    zoho: { url: `${url}/zoho`, world: worlds.zoho, faults: faults.zoho, rate: rates.zoho },
    mail: { url: `${url}/mail`, box: boxes.mail, faults: faults.mail, rate: rates.mail },
    texts: { url: `${url}/texts`, box: boxes.texts, faults: faults.texts, rate: rates.texts },
    dns: { address: dns.address, zone },
    log,
    reset: () => parts.reset(),
    close: async () => {
      await dns.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

type Route = readonly [prefix: string, handler: Handler];

function routesOf(parts: SandboxParts, clock: Clock): readonly Route[] {
  const { site, faults, rates, worlds, boxes, robots, balance } = parts;
  const topics = { site, robots, faults: faults.topics, rate: rates.topics };
  return [
    ["/topics", topicsHandler(topics)],
    ["/topics-js", topicsHandler({ ...topics, session: new Session() })],
    ["/twilio", twilioHandler({ clock, faults: faults.twilio, rate: rates.twilio })],
    ["/kickbox", kickboxHandler({ clock, balance, faults: faults.kickbox, rate: rates.kickbox })],
    ["/acuity", acuityHandler({ clock, world: worlds.acuity, faults: faults.acuity, rate: rates.acuity })],
    ["/google", googleHandler({ clock, world: worlds.google, faults: faults.google, rate: rates.google })],
    ["/zoom", zoomHandler({ clock, world: worlds.zoom, faults: faults.zoom, rate: rates.zoom })],
    ["/zoho", zohoHandler({ clock, world: worlds.zoho, faults: faults.zoho, rate: rates.zoho })],
    ["/mail", mailHandler({ clock, box: boxes.mail, faults: faults.mail, rate: rates.mail })],
    ["/texts", textsHandler({ clock, box: boxes.texts, faults: faults.texts, rate: rates.texts })],
    ["/control", controlHandler(parts)],
    ["", frontHandler(parts)],
  ];
}

async function serve(
  routes: readonly Route[],
  log: RequestLog,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  // A stranger may ask for anything, `//` and `*` included: what is no path of ours is not found.
  const url = URL.parse(`http://127.0.0.1${req.url?.startsWith("/") ? req.url : "/"}`);
  const route = url && routes.find(([prefix]) => url.pathname === prefix || url.pathname.startsWith(`${prefix}/`));
  if (!url || !route) return replyText(res, 404, "Not found\n");
  const [base, handler] = route;
  const vendor = base === "" ? "front" : base.slice(1).replace("-js", "");
  const at = new Date().toISOString();
  const began = performance.now();
  const { method = "GET", url: path = "/" } = req;
  log.begin(vendor);
  res.once("close", () => {
    const durationMs = Math.round(performance.now() - began);
    const requestId = req.headers["x-request-id"];
    const status = res.headersSent ? res.statusCode : null;
    const retryAfter = res.getHeader("retry-after");
    log.end({
      ...{ at, vendor, method, path, status, durationMs },
      ...(requestId ? { requestId: String(requestId) } : {}),
      ...(retryAfter ? { retryAfter: String(retryAfter) } : {}),
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
