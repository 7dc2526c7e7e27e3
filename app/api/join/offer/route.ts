import { AskOffer, TotpOffer } from "@/lib/contracts/account";
import { offerByLink } from "@/lib/domain/auth/offer-by-link";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { offered, withLink } from "@/lib/http/with-link";

export const POST = withLink({ body: AskOffer }, async ({ ctx, body, ticket }) => {
  const made = await offerByLink(ctx, { purpose: "join", link: body.link }, ticket);
  return offered(respond(200, TotpOffer, made.offer), made);
});

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
