import { KnownPage, KnownQuery } from "@/lib/contracts/ingest";
import { readSearch } from "@/lib/contracts/lead-search";
import { listKnown } from "@/lib/domain/leads/list-known";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withApiKey } from "@/lib/http/with-api-key";

export const GET = withApiKey(
  { scope: "leads:ingest", query: { schema: KnownQuery, read: readSearch } },
  async (ctx, { query }) => respond(200, KnownPage, await listKnown(ctx, query)),
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
