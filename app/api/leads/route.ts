import { readLeadSearch } from "@/lib/contracts/lead-search";
import { LeadPage, LeadPageQuery } from "@/lib/contracts/leads";
import { listLeads } from "@/lib/domain/leads/list-leads";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller(
  { permission: "leads:read", query: { schema: LeadPageQuery, read: readLeadSearch } },
  async (ctx, { query }) => respond(200, LeadPage, await listLeads(ctx, query)),
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
