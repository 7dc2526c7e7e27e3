import { TotpOffer } from "@/lib/contracts/account";
import { offerTotp } from "@/lib/domain/auth/enrol-totp";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, shownOnce } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "account:own" }, async (ctx) =>
  shownOnce(respond(200, TotpOffer, await offerTotp(ctx))),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
