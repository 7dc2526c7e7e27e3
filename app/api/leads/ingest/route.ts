import { INGEST_MAX_BYTES, IngestEnvelope, IngestReport } from "@/lib/contracts/ingest";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withApiKey } from "@/lib/http/with-api-key";

// Rows are parsed one by one by the verb, so that a bad one never sinks the others.
export const POST = withApiKey(
  // Batches of one source wait for each other anyway (docs/decisions/0003); here they do so without a connection.
  { scope: "leads:ingest", body: IngestEnvelope, maxBytes: INGEST_MAX_BYTES, atOnce: 2 },
  async (ctx, { body }) => respond(200, IngestReport, await ingestLeads(ctx, body)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
