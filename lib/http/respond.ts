import type { z } from "zod";
import { attachmentOf } from "@/lib/core/attachment";
import { securityHeaders } from "./security-headers";

/** A finished reply that can still be written down and replayed: bytes, not a stream; unless it is to be shown once. */
export type Reply = { status: number; body: string; headers?: Record<string, string>; isShownOnce?: boolean };

/** A JSON reply, checked against its wire schema: a field that the contract does not name never leaves the house. */
export function respond<S extends z.ZodType>(status: number, schema: S, value: z.input<S>): Reply {
  return { status, body: JSON.stringify(schema.parse(value)) };
}

/**
 * A reply with a secret that rests nowhere in readable form. It is not kept for an Idempotency-Key, where whoever repeats the request would get it again
 * without being asked for a fresh factor: a repeated request does the work again.
 */
export const shownOnce = (reply: Reply): Reply => ({ ...reply, isShownOnce: true });

/** A reply without a body. */
export const respondEmpty = (): Reply => ({ status: 204, body: "" });

/** The reply as HTTP, with the headers that every reply carries. */
export function toResponse(reply: Reply, requestId: string): Response {
  const headers = { ...securityHeaders(), "x-request-id": requestId, ...reply.headers };
  if (reply.status === 204) return new Response(null, { status: 204, headers });
  return new Response(reply.body, {
    status: reply.status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}

/** What was asked for is to be had at another address. */
export const respondRedirect = (address: string): Response =>
  new Response(null, { status: 303, headers: { ...securityHeaders(), location: address } });

/** A file that streams to the reader: as it is made, or of a size that is known. */
export function respondFile(
  stream: ReadableStream<Uint8Array>,
  file: { filename: string; type: string; bytes?: number },
): Response {
  return new Response(stream, {
    headers: {
      ...securityHeaders(),
      ...(file.bytes === undefined ? {} : { "content-length": String(file.bytes) }),
      "content-type": file.type,
      "content-disposition": attachmentOf(file.filename),
    },
  });
}
