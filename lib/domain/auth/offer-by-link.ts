import type { TotpOffer } from "@/lib/contracts/account";
import { sameSecret } from "@/lib/core/secret";
import { blindIndex } from "@/lib/platform/crypto";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { getLinkHolder } from "./link-holder";
import type { ShownLink } from "./one-time-links";
import { storeTotp } from "./totp";
import { makeTotpOffer } from "./totp-offer";
import { findWaitingTotp } from "./waiting-totp";

/** The offer, and what the browser that got it keeps, so that it gets the same one again. */
export type LinkOffer = { offer: TotpOffer; ticket: string };

/**
 * The authenticator that a link to join or to set up a new factor offers. The browser that was shown one (`ticket`) gets the same again, so that a page
 * that is loaded twice does not spoil what was scanned. Any other gets a new one, which takes its place: who saw the link on its way cannot learn the secret
 * that its owner will use. @throws AppError `not_found` for a dead link.
 */
export async function offerByLink(
  ctx: Ctx,
  shown: ShownLink & { purpose: "join" | "factor" },
  ticket: string | undefined,
): Promise<LinkOffer> {
  return inTenant(ctx, async (tx) => {
    const { userId, firmName, email } = await getLinkHolder(tx, ctx, shown);
    // Two pages that open at once wait for each other here: else each would remove what the other shows.
    await tx.$queryRaw`
      SELECT 1 FROM app_user WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${userId}::uuid FOR UPDATE`;
    const ticketOf = (rowId: string) => blindIndex(rowId, { tenantId: ctx.tenantId, purpose: "totp offer" });
    const waiting = await findWaitingTotp(tx, ctx, userId);
    if (waiting && ticket && sameSecret(ticket, ticketOf(waiting.id))) {
      return { offer: await makeTotpOffer({ firmName, email }, waiting.secret), ticket };
    }
    const offer = await makeTotpOffer({ firmName, email });
    const id = await storeTotp(tx, ctx, { userId, secret: offer.secret });
    return { offer, ticket: ticketOf(id) };
  });
}
