import { type Clock, systemClock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import { requireRate } from "@/lib/platform/rate-limit";
import { clientAddress } from "./client-address";
import { framed, type NextRoute } from "./frame";
import { readBytes } from "./read-json";
import { type Reply, toResponse } from "./respond";

/** What came in, before anybody is proven: the bytes as they were signed. */
export type Webhook = {
  raw: Buffer;
  headers: Headers;
  /** The ids of the path; each is well-formed. */
  ids: Record<string, string>;
  requestId: string;
  clock: Clock;
};

/**
 * A route that another service calls. No session and no key is looked at, and nothing that is proven is limited by address: the verb proves the signature on the
 * raw bytes, and a service that is kept waiting or sent away gives up on us. What proves nothing is counted. Our own faults answer 503, so that the sender tries again.
 */
export function withWebhook(
  { maxBytes = 64_000 }: { maxBytes?: number },
  handler: (hook: Webhook) => Promise<Reply>,
): NextRoute {
  return framed("unavailable", async ({ request, requestId, params }) => {
    for (const id of Object.values(params)) if (!isId(id)) throw new AppError("not_found", "There is nothing here.");
    const raw = Buffer.from(await readBytes(request, maxBytes));
    const hook = { raw, headers: request.headers, ids: params, requestId, clock: systemClock };
    const reply = await handler(hook).catch((error: unknown) => refuse(error, request.headers));
    return toResponse(reply, requestId);
  });
}

const UNPROVEN: readonly string[] = ["unauthenticated", "not_found"];

async function refuse(error: unknown, headers: Headers): Promise<never> {
  if (error instanceof AppError && UNPROVEN.includes(error.code))
    await requireRate("webhook-failed.address", clientAddress(headers));
  throw error;
}
