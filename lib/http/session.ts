import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import type { Ctx, Role } from "@/lib/domain/context/ctx";
import { type FirmSettings, getFirm } from "@/lib/domain/tenants/get-firm";
import { causeIdOrNew } from "@/lib/platform/cause";
import { type Firm, findSite, type Site } from "./firm-gate";
import { findLiveSession, sessionTokenOf } from "./live-session";
import { noteCaller } from "./request-line";

/** What a signed-in page knows. `lastVisitAt` is when the visit before this one ended; null on the first visit. */
export type PageSession = {
  ctx: Ctx;
  user: { id: string; name: string; email: string; role: Role };
  firm: FirmSettings & { host: string; origin: string };
  lastVisitAt: Date | null;
};

/** The id of the request that a page answers. */
export const requestIdOfPage = causeIdOrNew;

/** Where this page was asked for. Read once per request. */
export const siteOfRequest = cache(async (): Promise<Site> => findSite(await headers()));

/** The firm whose sign-in page this is; our own address and unknown hosts get the plain 404 page. */
export async function findFirmOfRequest(): Promise<Firm> {
  const site = await siteOfRequest();
  if (site.kind !== "firm") notFound();
  noteCaller({ tenantId: site.firm.id });
  return site.firm;
}

const liveSessionOfRequest = cache(async () => {
  const firm = await findFirmOfRequest();
  const token = await sessionTokenOf(firm, (await headers()).get("cookie"));
  const live = token ? await findLiveSession(firm, token, requestIdOfPage()) : null;
  return { firm, live };
});

/** True when the person is signed in on this host, for pages that look different then. */
export const isSignedIn = async (): Promise<boolean> => (await liveSessionOfRequest()).live !== null;

/**
 * The session of a page, checked against its row; without one the reader goes to the sign-in page, and comes back to `returnTo` (a path)
 * afterwards. Layout and page share one check.
 */
export async function loadSession(returnTo?: string): Promise<PageSession> {
  const { firm, live } = await liveSessionOfRequest();
  if (!live) redirect(returnTo ? `/login?callbackUrl=${encodeURIComponent(returnTo)}` : "/login");
  const { id, name, email, role } = live.user;
  noteCaller({ actorType: "user", actorId: id });
  const settings = await settingsOf(live.ctx);
  return {
    ctx: live.ctx,
    user: { id, name, email, role },
    firm: { ...settings, host: firm.host, origin: firm.origin },
    lastVisitAt: live.lastVisitAt,
  };
}

const settingsOf = cache((ctx: Ctx) => getFirm(ctx));
