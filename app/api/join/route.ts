import { JoinFirm, RecoveryCodes } from "@/lib/contracts/account";
import { joinFirm } from "@/lib/domain/auth/join-firm";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { signedIn, withLink } from "@/lib/http/with-link";

export const POST = withLink({ body: JoinFirm }, async (visit) => {
  const { ctx, body, firm, openSession } = visit;
  const joined = await joinFirm(ctx, { ...body, host: firm.host }, openSession);
  return signedIn(respond(200, RecoveryCodes, { codes: joined.codes }), visit, joined);
});

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
