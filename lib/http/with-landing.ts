import { AppError } from "@/lib/core/errors";
import type { Ctx } from "@/lib/domain/context/ctx";
import { findFirm, nothingHere } from "./firm-gate";
import { framed, type NextRoute } from "./frame";
import { findLiveSession, sessionTokenOf } from "./live-session";
import { requireApiRate } from "./require-api-rate";
import { securityHeaders } from "./security-headers";

/** Where a person lands: a path on the firm's own host. */
type Landing = (ctx: Ctx, query: URLSearchParams) => Promise<string>;

/**
 * A route on which a person lands who was sent from another site. Unlike every other route with a session it takes requests that other sites begin, so what it does
 * has to be bound to something that only this session began. A page of a browser alone: no script, frame or image gets an answer. It ends with a redirect
 * within the firm's host; whoever is signed in no more goes to `signedOut`.
 */
export const withLanding = ({ signedOut }: { signedOut: string }, land: Landing): NextRoute =>
  framed(undefined, async ({ request, requestId, url, note }) => {
    const firm = await findFirm(request.headers);
    if (!firm) throw nothingHere();
    requireNavigation(request.headers);
    const token = await sessionTokenOf(firm, request.headers.get("cookie"));
    const live = token ? await findLiveSession(firm, token, requestId) : null;
    if (!live) return goTo(signedOut, requestId);
    const { ctx } = live;
    note({ tenantId: ctx.tenantId, actorType: ctx.actor.type, actorId: ctx.actor.id });
    await requireApiRate(ctx);
    return goTo(await land(ctx, url.searchParams), requestId);
  });

function requireNavigation(headers: Headers): void {
  const mode = headers.get("sec-fetch-mode");
  const dest = headers.get("sec-fetch-dest");
  if ((mode === null || mode === "navigate") && (dest === null || dest === "document")) return;
  throw new AppError("forbidden", "This address is opened as a page, by whoever began at this firm.");
}

const goTo = (path: string, requestId: string): Response =>
  new Response(null, { status: 303, headers: { ...securityHeaders(), "x-request-id": requestId, location: path } });
