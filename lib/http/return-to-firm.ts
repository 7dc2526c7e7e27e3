import { systemClock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { readState } from "@/lib/domain/tenants/connections/oauth-state";
import { env } from "@/lib/platform/env";
import { findSite, nothingHere } from "./firm-gate";
import { framed, type NextRoute } from "./frame";
import { securityHeaders } from "./security-headers";

/** What a service sends people back with, and nothing else that is on the address. */
const CARRIED = ["state", "code", "error", "location", "accounts-server"] as const;
const MAX_LENGTH = 4000;

/**
 * Where a service sends people back to, for all firms: on our own address alone. It reads whose attempt it is from the state that we signed, and sends the person
 * on to that firm's own host, where their session is. It knows no session, trades nothing and keeps nothing.
 */
export const returnToFirmRoute: NextRoute = framed(undefined, async ({ request, requestId, url, params }) => {
  if ((await findSite(request.headers)).kind !== "apex") throw nothingHere();
  const state = await readState(url.searchParams.get("state"), systemClock);
  if (!state || state.provider !== params.provider) {
    throw new AppError("invalid_request", "This address belongs to no attempt to connect a service. Begin again.");
  }
  // Asked again, like any host: it may have left the firm since.
  const site = await findSite(new Headers({ [env().TRUSTED_HOST_HEADER]: state.host }));
  if (site.kind !== "firm" || site.firm.id !== state.tenantId) throw nothingHere();
  const onward = new URL("/api/connections/finish", site.firm.origin);
  for (const name of CARRIED) {
    const value = url.searchParams.get(name);
    if (value !== null && value.length <= MAX_LENGTH) onward.searchParams.set(name, value);
  }
  return new Response(null, {
    status: 303,
    headers: { ...securityHeaders(), "x-request-id": requestId, location: onward.href },
  });
});
