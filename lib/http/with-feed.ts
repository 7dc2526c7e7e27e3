import { systemClock } from "@/lib/core/clock";
import type { Ctx } from "@/lib/domain/context/ctx";
import { requireRate } from "@/lib/platform/rate-limit";
import { clientAddress } from "./client-address";
import { findFirm, nothingHere } from "./firm-gate";
import { framed, type NextRoute } from "./frame";
import { securityHeaders } from "./security-headers";

/**
 * A route for calendar programs, which can show nothing but an address: the secret in it is the proof, on the firm's own host alone. `read` gives the
 * calendar as text, or null for a secret that is nobody's: the same answer as for an address that does not exist. The secret is in no log, since the log
 * names no path with a parameter that is no id.
 */
export const withFeed = (read: (ctx: Ctx, secret: string) => Promise<string | null>): NextRoute =>
  framed(undefined, async ({ request, requestId, params, note }) => {
    const firm = await findFirm(request.headers);
    if (!firm) throw nothingHere();
    note({ tenantId: firm.id });
    await requireRate("calendar.address", clientAddress(request.headers));
    const ctx: Ctx = {
      tenantId: firm.id,
      actor: { type: "service", id: "calendar-feed" },
      requestId,
      clock: systemClock,
    };
    const calendar = await read(ctx, (params.feed ?? "").replace(/\.ics$/, ""));
    if (calendar === null) throw nothingHere();
    return new Response(request.method === "HEAD" ? null : calendar, {
      headers: {
        ...securityHeaders(),
        "cache-control": "private, no-store",
        "content-type": "text/calendar; charset=utf-8",
        "x-request-id": requestId,
      },
    });
  });
