import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type Exchange, reply } from "./exchange";

/** Every way a stand-in can misbehave. The README says what each looks like on the wire. */
export const FAULT_KINDS = [
  "throttle",
  "unavailable",
  "error",
  "slow",
  "garbage",
  "reset",
  "truncate",
  "huge",
  "forbidden",
  "captcha",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export type Fault = {
  kind: FaultKind;
  /** How many requests meet it; without a number all do, until it is taken away. */
  count?: number;
  /** For `throttle` and `unavailable`. Without it the header is absent. */
  retryAfterSeconds?: number;
  /** Retry-After as a number of seconds, or as an HTTP date. */
  retryAfterAs?: "seconds" | "date";
  /** For `slow`. */
  delayMs?: number;
  /** Only requests whose path contains this. */
  path?: string;
};

export const DEFAULT_SLOW_MS = 30_000;

/** The faults waiting at one stand-in. The oldest that fits is played. */
export class FaultQueue {
  #waiting: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.count ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#waiting = [];
  }

  list(): Fault[] {
    return this.#waiting.map(({ fault, left }) => ({ ...fault, count: Number.isFinite(left) ? left : undefined }));
  }

  take(path: string): Fault | null {
    const next = this.#waiting.find(({ fault }) => fault.path === undefined || path.includes(fault.path));
    if (!next) return null;
    next.left -= 1;
    if (next.left <= 0) this.#waiting.splice(this.#waiting.indexOf(next), 1);
    return next.fault;
  }
}

/** The words a vendor uses for a refusal, by status: each stand-in has its own. */
export type Refusals = (status: number) => { type: string; body: string };

const CHALLENGE = `<!DOCTYPE html><html><head><title>Attention Required!</title></head><body><h1>Please verify you are a human</h1>
<form id="challenge-form" action="/cdn-cgi/challenge"><div class="g-recaptcha" data-sitekey="sandbox"></div></form></body></html>`;

/**
 * Plays a fault. Gives true when the exchange is answered (or torn down) and false when the stand-in should go on to answer as
 * usual, which is what `slow` does after its delay and `truncate` does after arming the response.
 */
export async function playFault({ req, res }: Exchange, fault: Fault, refusals: Refusals, now: Date): Promise<boolean> {
  const refuse = (status: number) => {
    const { type, body } = refusals(status);
    reply(res, status, { "Content-Type": type, ...retryAfter(fault, now) }, body);
    return true;
  };
  switch (fault.kind) {
    case "throttle":
      return refuse(429);
    case "unavailable":
      return refuse(503);
    case "error":
      return refuse(500);
    case "forbidden":
      return refuse(403);
    case "captcha":
      reply(res, 200, { "Content-Type": "text/html; charset=utf-8" }, CHALLENGE);
      return true;
    case "garbage":
      reply(
        res,
        200,
        { "Content-Type": "application/json; charset=utf-8" },
        '{"data":[["half a row", <html>\u0000\uFFFD',
      );
      return true;
    case "reset":
      req.socket.resetAndDestroy();
      return true;
    case "slow":
      await waitUnlessGone(res, fault.delayMs ?? DEFAULT_SLOW_MS);
      return res.destroyed;
    case "truncate":
      cutInHalf(res);
      return false;
    case "huge":
      await pourUntilCut(res);
      return true;
  }
}

function retryAfter(fault: Fault, now: Date): Record<string, string> {
  if (fault.retryAfterSeconds === undefined) return {};
  if (fault.retryAfterAs !== "date") return { "Retry-After": String(fault.retryAfterSeconds) };
  // An HTTP date has whole seconds: rounding up keeps the promise.
  const at = Math.ceil(now.getTime() / 1000 + fault.retryAfterSeconds) * 1000;
  return { "Retry-After": new Date(at).toUTCString() };
}

/** A client that hangs up does not hold the server for the rest of the delay. */
async function waitUnlessGone(res: Exchange["res"], ms: number): Promise<void> {
  const gone = new AbortController();
  res.once("close", () => gone.abort());
  await delay(ms, undefined, { signal: gone.signal }).catch(() => undefined);
}

/** The headers promise the whole body, half of it comes, and the connection drops. */
function cutInHalf(res: Exchange["res"]): void {
  const end = res.end.bind(res);
  res.end = ((body?: unknown) => {
    if (!Buffer.isBuffer(body) || body.length < 2) return end();
    res.write(body.subarray(0, Math.floor(body.length / 2)), () => res.destroy());
    return res;
  }) as typeof res.end;
}

/** A body without end, as fast as the client takes it, until the client hangs up. */
async function pourUntilCut(res: Exchange["res"]): Promise<void> {
  res.writeHead(200, { "Content-Type": "application/json; charset=utf-8" });
  await pipeline(Readable.from(endlessRows()), res).catch(() => undefined);
}

function* endlessRows(): Generator<Buffer> {
  yield Buffer.from('{"data":[');
  const rows = Buffer.from('["ENDLESS, EZRA","","Travis County","NOTHING","0"],'.repeat(1000));
  while (true) yield rows;
}
