import { ChangeUser, UserDto } from "@/lib/contracts/users";
import { changeUser } from "@/lib/domain/auth/users/change-user";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const PATCH = withCaller(
  { permission: "users:manage", ids: ["id"], body: ChangeUser },
  async (ctx, { body, ids }) => respond(200, UserDto, await changeUser(ctx, ids.id, body)),
);

const refuse = otherMethods("PATCH");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as POST, refuse as PUT };
