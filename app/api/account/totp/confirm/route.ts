import { ConfirmTotp } from "@/lib/contracts/account";
import { confirmTotp } from "@/lib/domain/auth/enrol-totp";
import { otherMethods } from "@/lib/http/other-methods";
import { respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "account:own", body: ConfirmTotp }, async (ctx, { body }) => {
  await confirmTotp(ctx, body);
  return respondEmpty();
});

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
