import { AddPasskey, PasskeyDto } from "@/lib/contracts/account";
import { passkeySite } from "@/lib/domain/auth/passkeys";
import { addPasskey } from "@/lib/domain/auth/register-passkey";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  { permission: "account:own", body: AddPasskey, isRepeatable: false },
  async (ctx, { body, origin }) => respond(201, PasskeyDto, await addPasskey(ctx, body, passkeySite(origin))),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
