import { SteppedUp, StepUp } from "@/lib/contracts/account";
import { passkeySite } from "@/lib/domain/auth/passkeys";
import { stepUp } from "@/lib/domain/auth/step-up-session";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  { permission: "account:own", body: StepUp, isRepeatable: false },
  async (ctx, { body, origin }) => respond(200, SteppedUp, await stepUp(ctx, body, passkeySite(origin))),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
