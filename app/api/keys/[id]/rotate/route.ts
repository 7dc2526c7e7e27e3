import { NewApiKey, RotateApiKey } from "@/lib/contracts/api-keys";
import { rotateApiKey } from "@/lib/domain/auth/rotate-api-key";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, shownOnce } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  { permission: "keys:manage", ids: ["id"], body: RotateApiKey },
  async (ctx, { ids, body }) => shownOnce(respond(201, NewApiKey, await rotateApiKey(ctx, ids.id, body))),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
