import { PasskeyOptions } from "@/lib/contracts/account";
import { passkeySite } from "@/lib/domain/auth/passkeys";
import { newPasskeyOptions } from "@/lib/domain/auth/register-passkey";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, shownOnce } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "account:own" }, async (ctx, { origin }) =>
  shownOnce(respond(200, PasskeyOptions, await newPasskeyOptions(ctx, passkeySite(origin)))),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
