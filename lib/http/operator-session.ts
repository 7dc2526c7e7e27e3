import { NextResponse } from "next/server";
import { systemClock } from "@/lib/core/clock";
import { requireRate } from "@/lib/platform/rate-limit";
import { clientAddress } from "./client-address";
import { endedOperatorCookie, isOperator, operatorCookie } from "./operator";
import { requireOperatorPage } from "./operator-route";
import { problemResponse } from "./problem";
import { readBytes } from "./read-json";
import { lined } from "./request-line";
import { securityHeaders } from "./security-headers";

const HOME = "/operator";
/** Where the form may lead: what stands in it is a wish, not an address. */
const PAGES = [HOME, "/operator/firms"];
const MAX_FORM_BYTES = 2000;

/** Opens an operator session on our own address: a plain form with the token and the code, then back to the page. `end` closes it in this browser. */
export const operatorSessionRoute = (request: Request): Promise<Response> =>
  lined(request, ({ at }) => openOrEnd(request, at.requestId).catch((error: unknown) => problemResponse(error, at)));

async function openOrEnd(request: Request, requestId: string): Promise<Response> {
  await requireOperatorPage(request);
  await requireRate("operator.address", clientAddress(request.headers));
  const form = new URLSearchParams(Buffer.from(await readBytes(request, MAX_FORM_BYTES)).toString("utf8"));
  const shown = { token: form.get("token") ?? "", code: form.get("code") ?? "" };
  if (form.get("end") === "yes") return answer(requestId, HOME, endedOperatorCookie());
  const page = PAGES.find((each) => each === form.get("page")) ?? HOME;
  const now = systemClock.now();
  const isRight = await isOperator(shown, now);
  return isRight ? answer(requestId, page, operatorCookie(now)) : answer(requestId, `${page}?error=token`);
}

function answer(requestId: string, location: string, cookie?: ReturnType<typeof operatorCookie>): NextResponse {
  const headers = { ...securityHeaders(), "x-request-id": requestId, location };
  const response = new NextResponse(null, { status: 303, headers });
  if (cookie) response.cookies.set(cookie.name, cookie.value, cookie.options);
  return response;
}
