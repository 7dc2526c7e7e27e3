import { EnrichLeads, EnrichReport } from "@/lib/contracts/leads";
import { enrichLeads } from "@/lib/domain/enrichment/enrich-leads";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "enrich:run", body: EnrichLeads }, async (ctx, { body }) =>
  respond(202, EnrichReport, await enrichLeads(ctx, body)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
