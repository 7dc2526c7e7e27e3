import { ChangePassword } from "@/lib/contracts/account";
import { changePassword } from "@/lib/domain/auth/change-password";
import { otherMethods } from "@/lib/http/other-methods";
import { respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  { permission: "account:own", body: ChangePassword, isRepeatable: false },
  async (ctx, { body, origin }) => {
    await changePassword(ctx, { ...body, host: new URL(origin).host });
    return respondEmpty();
  },
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
