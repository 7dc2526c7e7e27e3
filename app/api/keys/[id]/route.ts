import { revokeApiKey } from "@/lib/domain/auth/revoke-api-key";
import { otherMethods } from "@/lib/http/other-methods";
import { respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const DELETE = withCaller({ permission: "keys:manage", ids: ["id"] }, async (ctx, { ids }) => {
  await revokeApiKey(ctx, ids.id);
  return respondEmpty();
});

const refuse = otherMethods("DELETE");

export { refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
