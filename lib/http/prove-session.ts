import { AppError } from "@/lib/core/errors";
import type { Ctx } from "@/lib/domain/context/ctx";
import { type Firm, findSite, nothingHere } from "./firm-gate";
import type { ProveCaller } from "./gate";
import { findLiveSession, sessionTokenOf } from "./live-session";

/** What no form of another page can send: the last is a file of any kind, as plain text may come from a foreign form. */
const OWN_TYPES: ReadonlySet<string> = new Set(["application/json", "text/csv", "application/octet-stream"]);

const signedOut = (): AppError => new AppError("unauthenticated", "You are not signed in. Sign in and try again.");

/** Proves a person by the session of the firm's host. On our own address, and with another firm's cookie, nobody is signed in. */
export const proveBySession: ProveCaller = (request, requestId) => prove(request, requestId, { isVisit: true });

/** The same, for what a page asks by itself: that nobody works at it must still end the session. */
export const proveQuietly: ProveCaller = (request, requestId) => prove(request, requestId, { isVisit: false });

async function prove(request: Request, requestId: string, looking: { isVisit: boolean }): Promise<Ctx> {
  const site = await findSite(request.headers);
  if (site.kind === "unknown") throw nothingHere();
  if (site.kind === "apex") throw signedOut();
  const token = await sessionTokenOf(site.firm, request.headers.get("cookie"));
  if (!token) throw signedOut();
  assertOwnPage(request, site.firm);
  const live = await findLiveSession(site.firm, token, requestId, looking);
  if (!live) throw signedOut();
  return live.ctx;
}

/**
 * A cookie travels with requests that other pages make, and firms of one domain are one "site" to SameSite. So a change needs the Origin of the
 * firm's own pages and a content type that a foreign form cannot send; a read must not come from another site's page. Every browser sends Origin
 * with a change, so a request without it and without any word of a page comes from a program that holds the cookie itself.
 */
function assertOwnPage(request: Request, firm: Firm): void {
  const { headers, method } = request;
  if (method === "GET" || method === "HEAD") {
    const from = headers.get("sec-fetch-site");
    if (from === "cross-site" || from === "same-site") throw foreign();
    return;
  }
  const isProgram = !headers.has("origin") && !headers.has("sec-fetch-site") && !headers.has("referer");
  if (!isProgram && headers.get("origin") !== firm.origin) throw foreign();
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (!OWN_TYPES.has(type ?? "") && !(type === undefined && (method === "DELETE" || isEmpty(headers)))) {
    throw new AppError("invalid_request", "Send the body as application/json.");
  }
}

const isEmpty = (headers: Headers): boolean =>
  Number(headers.get("content-length") ?? 0) === 0 && !headers.has("transfer-encoding");

const foreign = (): AppError => new AppError("forbidden", "This request did not come from a page of this firm.");
