import { readLeadSearch } from "@/lib/contracts/lead-search";
import { UserPage, UserPageQuery } from "@/lib/contracts/users";
import { listUsers } from "@/lib/domain/auth/users/list-users";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller(
  { permission: "users:manage", query: { schema: UserPageQuery, read: readLeadSearch } },
  async (ctx, { query }) => respond(200, UserPage, await listUsers(ctx, query)),
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
