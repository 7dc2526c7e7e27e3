import { NextResponse } from "next/server";
import { systemClock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { env } from "@/lib/platform/env";
import { takeRate } from "@/lib/platform/rate-limit";
import { clientAddress } from "./client-address";
import { findSite, nothingHere } from "./firm-gate";
import { isOperatorToken, operatorCookie } from "./operator";
import { problemResponse } from "./problem";
import { readBytes } from "./read-json";
import { securityHeaders } from "./security-headers";

const PAGE = "/operator";
const MAX_FORM_BYTES = 2000;

/** Opens an operator session on our own address: a plain form with the token, then back to the page. */
export async function operatorSessionRoute(request: Request): Promise<Response> {
  const requestId = newId();
  try {
    const site = await findSite(request.headers);
    if (site.kind !== "apex") throw nothingHere();
    if (request.headers.get("origin") !== new URL(env().APP_BASE_URL).origin) {
      throw new AppError("forbidden", "This request did not come from the operator's page.");
    }
    const taken = await takeRate("operator.address", clientAddress(request.headers));
    if (!taken.isAllowed) {
      throw new AppError("rate_limited", "Too many tries. Wait a minute.", taken);
    }
    const form = new URLSearchParams(Buffer.from(await readBytes(request, MAX_FORM_BYTES)).toString("utf8"));
    const isRight = isOperatorToken(form.get("token") ?? "");
    const response = new NextResponse(null, {
      status: 303,
      headers: { ...securityHeaders(), "x-request-id": requestId, location: isRight ? PAGE : `${PAGE}?error=token` },
    });
    if (isRight) {
      const { name, value, options } = operatorCookie(systemClock.now());
      response.cookies.set(name, value, options);
    }
    return response;
  } catch (error) {
    return problemResponse(error, { requestId, method: request.method, route: "/operator/session" });
  }
}
