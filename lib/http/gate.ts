import type { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { isId, newId } from "@/lib/core/ids";
import type { Ctx, Permission } from "@/lib/domain/context/ctx";
import { requirePermission } from "@/lib/domain/context/permissions";
import { env } from "@/lib/platform/env";
import { log } from "@/lib/platform/log";
import { findSite } from "./firm-gate";
import { doOnce, idempotencyKeyOf } from "./idempotency";
import { type OwnFault, parseInput, problemResponse } from "./problem";
import { readJson } from "./read-json";
import { type Reply, toResponse } from "./respond";

/** What a route says about itself. Without `body` a body is not read; without `query` the query is not either. */
export type RouteRules<B extends z.ZodType, Q extends z.ZodType, P extends string> = {
  permission: Permission;
  /** The ids in the route's path. */
  ids?: readonly P[];
  body?: B;
  query?: { schema: Q; read: (query: URLSearchParams) => unknown };
  maxBytes?: number;
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
};

/** What a route does once the caller is proven: one verb, and its reply. */
export type RouteHandler<B extends z.ZodType, Q extends z.ZodType, P extends string> = (
  ctx: Ctx,
  input: RouteInput<B, Q, P>,
) => Promise<Reply | Response>;

/** What Next calls: the request and the ids of its path. */
export type NextRoute = (request: Request, context?: { params: Promise<Record<string, string>> }) => Promise<Response>;

/** Proves who is asking, or throws. */
export type ProveCaller = (request: Request, requestId: string) => Promise<Ctx>;

/** The frame of every route: who, may they, what, once, then one verb; every failure becomes a problem reply. */
export function gate<B extends z.ZodType, Q extends z.ZodType, P extends string>(
  prove: ProveCaller,
  rules: RouteRules<B, Q, P>,
  handler: RouteHandler<B, Q, P>,
): NextRoute {
  return async (request, context) => {
    const startedAt = performance.now();
    const requestId = newId();
    const { pathname, searchParams } = new URL(request.url);
    const params = (await context?.params) ?? {};
    const at = { requestId, method: request.method, route: routeForLog(pathname, params) };
    let ctx: Ctx | undefined;
    const answer = async (): Promise<Response> => {
      ctx = await prove(request, requestId);
      requirePermission(ctx, rules.permission);
      const ids = pathIds(rules.ids ?? [], params);
      const query = rules.query ? parseInput(rules.query.schema, rules.query.read(searchParams)) : undefined;
      const json = rules.body ? await readJson(request, rules.maxBytes) : undefined;
      const body = rules.body && json ? parseInput(rules.body, json.value) : undefined;
      const input = { body, query, ids, origin: await originOf(request) } as RouteInput<B, Q, P>;
      const key = request.method === "POST" ? idempotencyKeyOf(request) : null;
      const reply = key
        ? await doOnce(ctx, { route: `POST ${pathname}`, key, digest: json?.digest ?? "" }, (inner) =>
            replyOf(handler(inner, input)),
          )
        : await handler(ctx, input);
      if (!(reply instanceof Response)) return toResponse(reply, requestId);
      reply.headers.set("x-request-id", requestId);
      return request.method === "HEAD" ? withoutBody(reply) : reply;
    };
    const response = await answer().catch((error: unknown) => problemResponse(error, at, rules.ownFault));
    const durationMs = Math.round(performance.now() - startedAt);
    const who = ctx && { tenantId: ctx.tenantId, actorType: ctx.actor.type, actorId: ctx.actor.id };
    log.info("request", { ...at, ...who, status: response.status, durationMs });
    return response;
  };
}

async function originOf({ headers }: Request): Promise<string> {
  const site = await findSite(headers);
  return site.kind === "firm" ? site.firm.origin : new URL(env().APP_BASE_URL).origin;
}

/** What a path says in the place of an id can be anything, a name or a key too: then the log gets the part before it. */
const routeForLog = (pathname: string, params: Record<string, string>): string =>
  Object.values(params).every(isId) ? pathname.slice(0, 200) : `${pathname.split("/").slice(0, 3).join("/")}/[id]`;

/** An id that is no id cannot be anyone's: the same answer as for another firm's. */
function pathIds<P extends string>(names: readonly P[], params: Record<string, string>): Record<P, string> {
  const ids = {} as Record<P, string>;
  for (const name of names) {
    const value = params[name] ?? "";
    if (!isId(value)) throw new AppError("not_found", "There is nothing here.");
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
