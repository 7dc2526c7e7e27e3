// A front like the one that Amplify puts before a bundle, so that what it does to requests is met here first: it obeys deploy-manifest.json, holds every
// reply back until it is whole, and ends what is too slow or too large. Where AWS does not say how something is, the worse of the possible is played.
import { readFileSync, statSync } from "node:fs";
import http, { type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { BodyTooLarge, reply, replyText } from "../http/exchange";
import { type Manifest, readManifest, routeOf, type Target } from "./amplify-manifest";

/** A reply of 5.72 MB and a request of about 6 MB are the most that pass, and half a minute is the longest. */
export const AMPLIFY_LIMITS = { replyBytes: 5_720_000, requestBytes: 6_000_000, timeoutMs: 30_000 };

type Options = {
  /** What was packed: `static/` and the manifest are read from it. */
  folder: string;
  /** Where the packed server listens. */
  computeUrl: string;
  /** 0 or nothing takes a free port. */
  port?: number;
  limits?: Partial<typeof AMPLIFY_LIMITS>;
};
/** One request that was answered, and by what. */
export type Served = { path: string; by: "static" | "compute" | "cache" };
type Whole = { status: number; headers: IncomingHttpHeaders; body: Buffer };
type Passing = { req: IncomingMessage; res: http.ServerResponse; url: URL; front: Front };
type Front = {
  manifest: Manifest;
  options: Options;
  limits: typeof AMPLIFY_LIMITS;
  served: Served[];
  kept: Map<string, Whole>;
};

/** Starts the front on a port of 127.0.0.1. */
export async function startAmplifyFront(
  options: Options,
): Promise<{ url: string; port: number; served: Served[]; close(): Promise<void> }> {
  const limits = { ...AMPLIFY_LIMITS, ...options.limits };
  const front: Front = { manifest: readManifest(options.folder), options, limits, served: [], kept: new Map() };
  const server = http.createServer((req, res) => {
    const passing = { req, res, url: new URL(`http://front${req.url?.startsWith("/") ? req.url : "/"}`), front };
    pass(passing).catch((problem: unknown) => {
      if (res.headersSent) res.destroy();
      else if (problem instanceof BodyTooLarge)
        replyText(res, 413, "Request entity too large", { Connection: "close" });
      else
        replyText(
          res,
          problem instanceof TooSlow ? 504 : problem instanceof ReplyTooLarge ? 500 : 502,
          String(problem),
        );
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    served: front.served,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class TooSlow extends Error {}
class ReplyTooLarge extends Error {}

async function pass(passing: Passing): Promise<void> {
  const route = routeOf(passing.front.manifest.routes, passing.url.pathname);
  if (!route) return replyText(passing.res, 404, "Not found");
  if (await send(passing, route.target)) return;
  if (route.fallback && (await send(passing, route.fallback))) return;
  replyText(passing.res, 404, "Not found");
}

async function send(passing: Passing, target: Target): Promise<boolean> {
  if (target.kind === "Static") return sendFile(passing, target.cacheControl);
  await sendToCompute(passing);
  return true;
}

const KINDS: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

function sendFile({ req, res, url, front }: Passing, cacheControl: string | undefined): boolean {
  const root = path.join(front.options.folder, "static");
  const file = path.join(root, decoded(url.pathname));
  const isOurs = file.startsWith(`${root}${path.sep}`) && statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  if (!isOurs || (req.method !== "GET" && req.method !== "HEAD")) return false;
  front.served.push({ path: url.pathname, by: "static" });
  const type = KINDS[path.extname(file)] ?? "application/octet-stream";
  reply(res, 200, { "Content-Type": type, "Cache-Control": cacheControl ?? "public, max-age=0" }, readFileSync(file));
  return true;
}

/** A NUL stands for what does not decode: no file is called so, and no path may hold one. */
function decoded(pathname: string): string {
  try {
    const text = decodeURIComponent(pathname);
    return text.includes("\0") ? "-" : text;
  } catch {
    return "-";
  }
}

async function sendToCompute({ req, res, url, front }: Passing): Promise<void> {
  const body = await readWhole(req, front.limits.requestBytes, BodyTooLarge);
  // Without the host, since nothing that is documented says that it is part of the key: what may be kept at all is the same for every firm.
  const key = `${req.method} ${url.pathname}${url.search}`;
  const kept = front.kept.get(key);
  const whole = kept ?? (await ask(req, body, front));
  if (!kept && req.method === "GET" && whole.status === 200 && mayKeep(whole.headers)) front.kept.set(key, whole);
  front.served.push({ path: url.pathname, by: kept ? "cache" : "compute" });
  res.writeHead(whole.status, { ...whole.headers, "content-length": whole.body.length, via: VIA });
  res.end(req.method === "HEAD" ? undefined : whole.body);
}

const mayKeep = ({ "cache-control": control = "" }: IncomingHttpHeaders): boolean =>
  !/\b(private|no-store|no-cache|max-age=0)\b/.test(control);

const VIA = "1.1 front.cloudfront.net (CloudFront)";
/** Between two machines alone, and never sent on. */
const HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
];
const without = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.includes(name)));

/** One request to the packed server: the visitor's host, and their address at the end of what they said theirs was. */
function ask(req: IncomingMessage, body: Buffer, { options, limits }: Front): Promise<Whole> {
  const visitor = req.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
  const said = req.headers["x-forwarded-for"];
  const headers = {
    ...without(req.headers),
    "content-length": String(body.length),
    via: VIA,
    "x-amz-cf-id": "front",
    "x-forwarded-for": said ? `${said}, ${visitor}` : visitor,
    "x-forwarded-proto": "https",
  };
  return new Promise((resolve, reject) => {
    const asked = http.request(options.computeUrl, { method: req.method, path: req.url, headers, agent: false });
    const timer = setTimeout(() => {
      reject(new TooSlow("Gateway timeout"));
      asked.destroy();
    }, limits.timeoutMs);
    asked.once("close", () => clearTimeout(timer));
    asked.once("error", reject);
    asked.once("response", (answer) => {
      readWhole(answer, limits.replyBytes, ReplyTooLarge).then(
        (whole) => resolve({ status: answer.statusCode ?? 502, headers: without(answer.headers), body: whole }),
        (problem: Error) => {
          asked.destroy();
          reject(problem);
        },
      );
    });
    asked.end(body);
  });
}

async function readWhole(
  from: IncomingMessage,
  maxBytes: number,
  problem: new (message: string) => Error,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of from) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) throw new problem(`Over ${maxBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
