import { finishConnecting } from "@/lib/domain/tenants/connections/finish-connecting";
import { otherMethods } from "@/lib/http/other-methods";
import { withLanding } from "@/lib/http/with-landing";

const PAGE = "/settings/connections";

export const GET = withLanding({ signedOut: `${PAGE}?problem=expired` }, async (ctx, query) => {
  const of = (name: string) => query.get(name) ?? undefined;
  const ended = await finishConnecting(ctx, {
    state: of("state"),
    code: of("code"),
    error: of("error"),
    location: of("location"),
    accountsServer: of("accounts-server"),
  });
  if ("connected" in ended) return `${PAGE}?connected=${ended.connected}`;
  return `${PAGE}?problem=${ended.problem}${ended.provider ? `&service=${ended.provider}` : ""}`;
});

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
