import { RecoverPassword } from "@/lib/contracts/account";
import { recoverPassword } from "@/lib/domain/auth/recover-password";
import { otherMethods } from "@/lib/http/other-methods";
import { respondEmpty } from "@/lib/http/respond";
import { withLink } from "@/lib/http/with-link";

export const POST = withLink({ body: RecoverPassword }, async ({ ctx, body, firm }) => {
  await recoverPassword(ctx, { ...body, host: firm.host });
  return respondEmpty();
});

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
