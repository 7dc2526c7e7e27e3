import { OneTimeLink } from "@/lib/contracts/users";
import { makePasswordLink } from "@/lib/domain/auth/users/make-password-link";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, shownOnce } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "users:manage", ids: ["id"] }, async (ctx, { ids, origin }) => {
  const { path, ...made } = await makePasswordLink(ctx, ids.id);
  return shownOnce(respond(201, OneTimeLink, { ...made, url: `${origin}${path}` }));
});

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
