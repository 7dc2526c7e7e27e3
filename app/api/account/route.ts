import { AccountDto, ChangeProfile } from "@/lib/contracts/account";
import { changeProfile, getAccount } from "@/lib/domain/auth/get-account";
import { passkeySite } from "@/lib/domain/auth/passkeys";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "account:own" }, async (ctx, { origin }) =>
  respond(200, AccountDto, await getAccount(ctx, passkeySite(origin))),
);

export const PATCH = withCaller({ permission: "account:own", body: ChangeProfile }, async (ctx, { body, origin }) =>
  respond(200, AccountDto, await changeProfile(ctx, body, passkeySite(origin))),
);

const refuse = otherMethods("GET", "PATCH");

export { refuse as DELETE, refuse as OPTIONS, refuse as POST, refuse as PUT };
