import type { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import type { Ctx, Permission } from "@/lib/domain/context/ctx";
import { requirePermission } from "@/lib/domain/context/permissions";
import { env } from "@/lib/platform/env";
import { findSite } from "./firm-gate";
import { framed, type NextRoute } from "./frame";
import { doOnce, idempotencyKeyOf } from "./idempotency";
import { inTurn } from "./in-turn";
import { type OwnFault, parseInput } from "./problem";
import { bodyChunks, readJson } from "./read-json";
import { requireApiRate } from "./require-api-rate";
import { type Reply, toResponse } from "./respond";

/** What a route says about itself. Without `body` a body is not read; without `query` the query is not either. */
export type RouteRules<B extends z.ZodType, Q extends z.ZodType, P extends string> = {
  permission: Permission;
  /** The ids in the route's path. */
  ids?: readonly P[];
  /** What counts as an id there; a UUID unless the path names things by words. */
  isPathId?: (value: string) => boolean;
  body?: B;
  query?: { schema: Q; read: (query: URLSearchParams) => unknown };
  maxBytes?: number;
  /** Of a route that takes a file: the most bytes of it. The handler reads it as it comes. */
  uploadMaxBytes?: number;
  /** False where the verb commits a count by itself, whatever becomes of the rest: an Idempotency-Key is not looked at, for its record could not hold that. */
  isRepeatable?: false;
  /** False for what a page asks by itself from time to time: it does not keep the session from going idle, nor count as being here. */
  isVisit?: false;
  /** How many of a firm are done at once in one process, where each is heavy; the others wait their turn. */
  atOnce?: number;
  ownFault?: OwnFault;
};

/**
 * What a handler gets beside the proven caller. The ids of the path are well-formed. `origin` is where the request came to, in our own words and never
 * the client's: what an address in a reply begins with.
 */
type RouteInput<B extends z.ZodType, Q extends z.ZodType, P extends string> = {
  body: z.output<B>;
  query: z.output<Q>;
  ids: Record<P, string>;
  origin: string;
  /** The file of a route with `uploadMaxBytes`. */
  upload: AsyncIterable<Uint8Array>;
};

/** What a route does once the caller is proven: one verb, and its reply. */
export type RouteHandler<B extends z.ZodType, Q extends z.ZodType, P extends string> = (
  ctx: Ctx,
  input: RouteInput<B, Q, P>,
) => Promise<Reply | Response>;

/** Proves who is asking, or throws. */
export type ProveCaller = (request: Request, requestId: string) => Promise<Ctx>;

/** A body that took longer is a reason to prove its sender again: they may have been disabled, revoked or given another role meanwhile. */
const PROVEN_FOR_MS = 250;
/** How long a file may take: 50 MB over a line of 2 Mbit/s. */
const UPLOAD_DEADLINE_MS = 240_000;

/** The frame of every route: who, may they, what, once, then one verb; every failure becomes a problem reply. */
export function gate<B extends z.ZodType, Q extends z.ZodType, P extends string>(
  prove: ProveCaller,
  rules: RouteRules<B, Q, P>,
  handler: RouteHandler<B, Q, P>,
): NextRoute {
  return framed(rules.ownFault, async ({ request, requestId, url, params, note }) => {
    let ctx = await prove(request, requestId);
    const provenAt = performance.now();
    note({ tenantId: ctx.tenantId, actorType: ctx.actor.type, actorId: ctx.actor.id });
    await requireApiRate(ctx);
    requirePermission(ctx, rules.permission);
    const ids = pathIds(rules.ids ?? [], params, rules.isPathId);
    const query = rules.query ? parseInput(rules.query.schema, rules.query.read(url.searchParams)) : undefined;
    const json = rules.body ? await readJson(request, rules.maxBytes) : undefined;
    const proveAgain = async () => {
      if (performance.now() - provenAt <= PROVEN_FOR_MS) return;
      ctx = await prove(request, requestId);
      requirePermission(ctx, rules.permission);
    };
    if (json) await proveAgain();
    const body = rules.body && json ? parseInput(rules.body, json.value) : undefined;
    const upload = uploadOf(request, rules.uploadMaxBytes ?? 0, proveAgain);
    const input = { body, query, ids, origin: await originOf(request), upload } as RouteInput<B, Q, P>;
    const isRepeatable = request.method === "POST" && rules.isRepeatable !== false;
    const key = isRepeatable ? idempotencyKeyOf(request) : null;
    const route = `${request.method} ${url.pathname}`;
    const reply = await inTurn(ctx, { route, atOnce: rules.atOnce }, async () =>
      key
        ? doOnce(ctx, { route, key, digest: json?.digest ?? "" }, (inner) => replyOf(handler(inner, input)))
        : handler(ctx, input),
    );
    if (!(reply instanceof Response)) return toResponse(reply, requestId);
    reply.headers.set("x-request-id", requestId);
    return request.method === "HEAD" ? withoutBody(reply) : reply;
  });
}

/** A file ends with its sender proven again: what is written whole or not at all is not written then. */
async function* uploadOf(request: Request, maxBytes: number, proveAgain: () => Promise<void>) {
  yield* bodyChunks(request, maxBytes, UPLOAD_DEADLINE_MS);
  await proveAgain();
}

async function originOf({ headers }: Request): Promise<string> {
  const site = await findSite(headers);
  return site.kind === "firm" ? site.firm.origin : new URL(env().APP_BASE_URL).origin;
}

/** An id that is no id cannot be anyone's: the same answer as for another firm's. */
function pathIds<P extends string>(
  names: readonly P[],
  params: Record<string, string>,
  isPathId: (value: string) => boolean = isId,
): Record<P, string> {
  const ids = {} as Record<P, string>;
  for (const name of names) {
    const value = params[name] ?? "";
    if (!isPathId(value)) throw new AppError("not_found", "There is nothing here.");
    ids[name] = value;
  }
  return ids;
}

/** Next asks GET for HEAD and never reads what it streams: unless it is told to stop, it would keep its database connection. */
async function withoutBody(reply: Response): Promise<Response> {
  await reply.body?.cancel();
  return new Response(null, { status: reply.status, headers: reply.headers });
}

async function replyOf(work: Promise<Reply | Response>): Promise<Reply> {
  const reply = await work;
  if (reply instanceof Response) throw new Error("A reply that streams cannot be kept for an Idempotency-Key.");
  return reply;
}
