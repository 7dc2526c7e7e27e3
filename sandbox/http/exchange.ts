import type { IncomingMessage, ServerResponse } from "node:http";

/** One request on its way to a stand-in. `path` is what follows the stand-in's prefix, `base` the prefix itself. */
export type Exchange = { req: IncomingMessage; res: ServerResponse; url: URL; path: string; base: string };

/** A stand-in of an outside system. It knows nothing about ports: whoever listens hands it exchanges. */
export type Handler = (exchange: Exchange) => Promise<void>;

export type Headers = Record<string, string | number | string[]>;

export function reply(res: ServerResponse, status: number, headers: Headers, body: string | Buffer): void {
  const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
  res.writeHead(status, { "Cache-Control": "no-store", ...headers, "Content-Length": bytes.length });
  res.end(res.req.method === "HEAD" ? undefined : bytes);
}

export const replyJson = (res: ServerResponse, status: number, body: unknown, headers: Headers = {}): void =>
  reply(res, status, { "Content-Type": "application/json; charset=utf-8", ...headers }, JSON.stringify(body));

export const replyHtml = (res: ServerResponse, status: number, html: string, headers: Headers = {}): void =>
  reply(res, status, { "Content-Type": "text/html; charset=utf-8", ...headers }, html);

export const replyText = (res: ServerResponse, status: number, text: string, headers: Headers = {}): void =>
  reply(res, status, { "Content-Type": "text/plain; charset=utf-8", ...headers }, text);

export const redirect = (res: ServerResponse, location: string): void => reply(res, 302, { Location: location }, "");

export class BodyTooLarge extends Error {}

/** The body as text, refused above `maxBytes`: no client of a stand-in sends more. */
export async function readBody(req: IncomingMessage, maxBytes = 64_000): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) throw new BodyTooLarge(`The body is over ${maxBytes} bytes.`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export const cookiesOf = (req: IncomingMessage): Map<string, string> =>
  new Map(
    (req.headers.cookie ?? "").split(";").map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, Math.max(at, 0)).trim(), pair.slice(at + 1).trim()];
    }),
  );
