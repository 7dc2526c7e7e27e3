import type { z } from "zod";
import { systemClock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import type { OpenSession } from "@/lib/domain/auth/finish-sign-in";
import type { Ctx } from "@/lib/domain/context/ctx";
import { requireRate } from "@/lib/platform/rate-limit";
import { openSession } from "./auth-adapter";
import { clientAddress } from "./client-address";
import { type Firm, findFirm, nothingHere } from "./firm-gate";
import type { NextRoute } from "./frame";
import { parseInput, problemResponse } from "./problem";
import { readJson } from "./read-json";
import { lined } from "./request-line";
import { type Reply, toResponse } from "./respond";
import { offerCookie, offerCookieName, readCookies, sessionCookie } from "./session-cookie";

const MAX_BYTES = 16_000;

/** What a route for holders of a one-time link gets. Nobody is signed in: whose link it is, the verb finds out. */
export type LinkVisit<B> = {
  ctx: Ctx;
  body: B;
  firm: Firm;
  /** What this browser was given with an offered authenticator. */
  ticket: string | undefined;
  openSession: OpenSession;
};

/** A route for holders of a one-time link: on the firm's host, from a page of the firm, as JSON, so many per address. No session is looked at. */
export function withLink<B extends z.ZodType>(
  { body: schema }: { body: B },
  handler: (visit: LinkVisit<z.output<B>>) => Promise<Reply>,
): NextRoute {
  return (request) =>
    lined(request, ({ at, note }) => {
      const { requestId } = at;
      const { headers } = request;
      const answer = async (): Promise<Response> => {
        const firm = await findFirm(headers);
        if (!firm) throw nothingHere();
        note({ tenantId: firm.id });
        assertOwnPage(headers, firm);
        await requireRate("link.address", clientAddress(headers));
        const { value } = await readJson(request, MAX_BYTES);
        const reply = await handler({
          ctx: { tenantId: firm.id, actor: { type: "service", id: "one-time-link" }, requestId, clock: systemClock },
          body: parseInput(schema, value),
          firm,
          ticket: readCookies(headers.get("cookie")).get(offerCookieName()),
          openSession: (ctx, opened) => openSession(ctx, opened, headers.get("user-agent") ?? undefined),
        });
        return toResponse(reply, requestId);
      };
      return answer().catch((error: unknown) => problemResponse(error, at));
    });
}

/** The reply with the cookie by which this browser is offered the same authenticator again. */
export const offered = (reply: Reply, { ticket }: { ticket: string }): Reply => ({
  ...reply,
  headers: { "set-cookie": offerCookie(ticket) },
});

/** The reply with the cookie of the session that the link opened. */
export async function signedIn(
  reply: Reply,
  { firm }: { firm: Firm },
  opened: { userId: string; sessionToken: string },
): Promise<Reply> {
  const { userId, sessionToken: token } = opened;
  return { ...reply, headers: { "set-cookie": await sessionCookie(firm.id, { userId, token }) } };
}

/** A link can open a session, so it is taken from a page of the firm alone: else another page could sign a reader in as somebody else. */
function assertOwnPage(headers: Headers, firm: Firm): void {
  if (headers.get("origin") !== firm.origin) {
    throw new AppError("forbidden", "This request did not come from a page of this firm.");
  }
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new AppError("invalid_request", "Send the body as application/json.");
}
