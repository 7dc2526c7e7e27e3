import { AppError } from "@/lib/core/errors";
import { type ExpectedToken, SERVICE_TOKEN_SECONDS, type Service, verifyServiceToken } from "@/lib/platform/jwt";
import { requireRate, takeOnce } from "@/lib/platform/rate-limit";
import { bearerOf, shownKey } from "./credentials";
import { findSite, nothingHere } from "./firm-gate";

/** Another process of ours that has shown who it is. No firm comes with it. */
export type ServiceCaller = { service: Service; subject: string | undefined; requestId: string };

/** Longer than any token is good for, the skew of clocks included. */
const REMEMBER_SECONDS = 2 * SERVICE_TOKEN_SECONDS;

/**
 * Proves another process of ours by its token, on our own address only: on a firm's host the route does not exist. Nothing is trusted for the network
 * that it comes from. A token lets one write through: shown again it is refused.
 * @throws AppError `not_found`, `unauthenticated`, `rate_limited`, `not_configured`
 */
export async function proveService(
  request: Request,
  requestId: string,
  expected: ExpectedToken,
): Promise<ServiceCaller> {
  const site = await findSite(request.headers);
  if (site.kind !== "apex") throw nothingHere();
  // Refuses a credential in the address and two in one request, as everywhere.
  shownKey(request);
  const token = bearerOf(request);
  if (token === undefined)
    throw new AppError("unauthenticated", "Send a service token: Authorization: Bearer <token>.");
  const { issuer, subject, id } = await verifyServiceToken(token, expected);
  await requireRate("service.issuer", issuer);
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (!isRead && !(await takeOnce("service-token", `${issuer}|${id}`, REMEMBER_SECONDS))) {
    throw new AppError("unauthenticated", "The service token is not valid here.");
  }
  return { service: issuer, subject, requestId };
}
