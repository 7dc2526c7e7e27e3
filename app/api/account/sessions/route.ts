import { endOtherSessions } from "@/lib/domain/auth/sessions";
import { otherMethods } from "@/lib/http/other-methods";
import { respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const DELETE = withCaller({ permission: "account:own" }, async (ctx) => {
  await endOtherSessions(ctx);
  return respondEmpty();
});

const refuse = otherMethods("DELETE");

export { refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
