import { RecoverFactor, RecoveryCodes } from "@/lib/contracts/account";
import { recoverFactor } from "@/lib/domain/auth/recover-factor";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { signedIn, withLink } from "@/lib/http/with-link";

export const POST = withLink({ body: RecoverFactor }, async (visit) => {
  const recovered = await recoverFactor(visit.ctx, visit.body, visit.openSession);
  return signedIn(respond(200, RecoveryCodes, { codes: recovered.codes }), visit, recovered);
});

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
