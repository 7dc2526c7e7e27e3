import { ApiKeyPage, ApiKeyPageQuery, CreateApiKey, NewApiKey } from "@/lib/contracts/api-keys";
import { readLeadSearch } from "@/lib/contracts/lead-search";
import { createApiKey } from "@/lib/domain/auth/create-api-key";
import { listApiKeys } from "@/lib/domain/auth/list-api-keys";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, shownOnce } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller(
  { permission: "keys:manage", query: { schema: ApiKeyPageQuery, read: readLeadSearch } },
  async (ctx, { query }) => respond(200, ApiKeyPage, await listApiKeys(ctx, query)),
);

export const POST = withCaller({ permission: "keys:manage", body: CreateApiKey }, async (ctx, { body }) =>
  shownOnce(respond(201, NewApiKey, await createApiKey(ctx, body))),
);

const refuse = otherMethods("GET", "POST");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
