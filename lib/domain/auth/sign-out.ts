import { AppError } from "@/lib/core/errors";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvent } from "../events/record-events";

/** Ends the caller's session; `closeSession` removes the row in the same transaction as the event. */
export async function signOut(ctx: Ctx, closeSession: (ctx: Ctx) => Promise<void>): Promise<void> {
  const { actor } = ctx;
  if (actor.type !== "user") throw new AppError("unauthenticated", "Nobody is signed in.");
  await inTenant(ctx, async (tx) => {
    await closeSession({ ...ctx, tx });
    await recordEvent(tx, ctx, { type: "auth.signed_out", data: { sessionId: actor.sessionId } });
  });
}
