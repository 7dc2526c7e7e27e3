import { InviteUser, OneTimeLink } from "@/lib/contracts/users";
import { inviteUser } from "@/lib/domain/auth/users/invite-user";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, shownOnce } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "users:manage", body: InviteUser }, async (ctx, { body, origin }) => {
  const { path, ...made } = await inviteUser(ctx, body);
  return shownOnce(respond(201, OneTimeLink, { ...made, url: `${origin}${path}` }));
});

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
