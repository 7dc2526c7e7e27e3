import { PasskeyOptions } from "@/lib/contracts/account";
import { challengeSession } from "@/lib/domain/auth/passkey-challenge";
import { passkeySite } from "@/lib/domain/auth/passkeys";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "account:own" }, async (ctx, { origin }) =>
  respond(200, PasskeyOptions, await challengeSession(ctx, passkeySite(origin))),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
