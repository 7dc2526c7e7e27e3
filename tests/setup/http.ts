import http from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

export type RequestOptions = {
  method?: string;
  /** Sent as written, `Host` included; an array sends the header once per value. */
  headers?: Record<string, string | string[]>;
  /** A string, bytes or a stream are sent as they are; anything else as JSON with its content type. */
  body?: unknown;
  cookies?: Record<string, string>;
  timeoutMs?: number;
};

export type Reply = {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Every header line as it arrived: name, value, name, value. */
  rawHeaders: string[];
  setCookies: string[];
  bytes: Buffer;
  text: string;
  /** Parses the body; throws with the body in the message when it is not JSON. */
  json: <T = unknown>() => T;
};

/**
 * Sends one HTTP request from a test. Any `*.localhost` name goes to 127.0.0.1, which Node alone does not know; redirects are not
 * followed; every header arrives as written, which fetch does not do for Host.
 */
export async function request(url: string, options: RequestOptions = {}): Promise<Reply> {
  const response = await open(url, options);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString("utf8");
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    setCookies: response.headers["set-cookie"] ?? [],
    bytes,
    text,
    json: <T>() => {
      try {
        return JSON.parse(text) as T;
      } catch {
        throw new Error(`${response.statusCode} ${url} is not JSON: ${text.slice(0, 500)}`);
      }
    },
  };
}

/** Like request(), but gives the response as soon as its headers are there, to read (or abandon) as a stream. */
export async function open(url: string, options: RequestOptions = {}): Promise<http.IncomingMessage> {
  const { method, cookies = {}, timeoutMs = 30_000 } = options;
  const { body, contentType } = encode(options.body);
  const headers: Record<string, string | string[]> = { ...options.headers };
  const has = (name: string) => Object.keys(headers).some((each) => each.toLowerCase() === name);
  const cookie = Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");
  if (cookie) headers.cookie = cookie;
  if (contentType && !has("content-type")) headers["content-type"] = contentType;
  if (Buffer.isBuffer(body) && !has("content-length") && !has("transfer-encoding")) {
    headers["content-length"] = String(body.length);
  }
  const target = new URL(url);
  const sent = http.request({
    host: /(^|\.)localhost$/.test(target.hostname) ? "127.0.0.1" : target.hostname,
    port: target.port || 80,
    path: target.pathname + target.search,
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: has("host") ? headers : { host: target.host, ...headers },
    setHost: false,
    agent: false,
    timeout: timeoutMs,
  });
  sent.on("timeout", () => sent.destroy(new Error(`no answer within ${timeoutMs} ms: ${url}`)));
  const response = new Promise<http.IncomingMessage>((resolve, reject) => {
    sent.once("response", resolve);
    sent.once("error", reject);
  });
  if (body instanceof Readable)
    pipeline(body, sent).catch(() => {}); // the server may answer 413 and hang up early
  else sent.end(body);
  return response;
}

/** A visitor who keeps the cookies each host sets, as a browser does: one jar per host. */
export function visitor(): { request: typeof request; cookies: (url: string) => Record<string, string> } {
  const jars = new Map<string, Record<string, string>>();
  const jarOf = (url: string) => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? {};
    jars.set(host, jar);
    return jar;
  };
  return {
    cookies: jarOf,
    request: async (url, options = {}) => {
      const jar = jarOf(url);
      const reply = await request(url, { ...options, cookies: { ...jar, ...options.cookies } });
      for (const line of reply.setCookies) {
        const [, name, value] = line.match(/^([^=]+)=([^;]*)/) ?? [];
        if (!name || value === undefined) continue;
        if (value === "" || /max-age=0\b/i.test(line)) delete jar[name];
        else jar[name] = value;
      }
      return reply;
    },
  };
}

/** Waits until `check` gives a value that is not false, null or undefined; throws with `what` when that takes too long. */
export async function until<T>(what: string, check: () => Promise<T> | T, timeoutMs = 45_000): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(50)) {
    const value = await check();
    if (value !== null && value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`did not happen within ${timeoutMs} ms: ${what}`);
  }
}

function encode(body: unknown): { body: Buffer | Readable | undefined; contentType?: string } {
  if (body === undefined || Buffer.isBuffer(body) || body instanceof Readable) return { body };
  if (typeof body === "string") return { body: Buffer.from(body) };
  if (body instanceof URLSearchParams) {
    return { body: Buffer.from(body.toString()), contentType: "application/x-www-form-urlencoded" };
  }
  return { body: Buffer.from(JSON.stringify(body)), contentType: "application/json" };
}
