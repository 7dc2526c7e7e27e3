import { PasskeyDto, RenamePasskey } from "@/lib/contracts/account";
import { removePasskey, renamePasskey } from "@/lib/domain/auth/manage-passkeys";
import { passkeySite } from "@/lib/domain/auth/passkeys";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const PATCH = withCaller(
  { permission: "account:own", ids: ["id"], body: RenamePasskey },
  async (ctx, { ids, body, origin }) =>
    respond(200, PasskeyDto, await renamePasskey(ctx, ids.id, body, passkeySite(origin))),
);

export const DELETE = withCaller({ permission: "account:own", ids: ["id"] }, async (ctx, { ids }) => {
  await removePasskey(ctx, ids.id);
  return respondEmpty();
});

const refuse = otherMethods("PATCH", "DELETE");

export { refuse as GET, refuse as OPTIONS, refuse as POST, refuse as PUT };
