import { IngestRunDto, StartIngestRun } from "@/lib/contracts/ingest";
import { startIngestRun } from "@/lib/domain/leads/ingest-runs";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withApiKey } from "@/lib/http/with-api-key";

export const POST = withApiKey({ scope: "leads:ingest", body: StartIngestRun }, async (ctx, { body }) =>
  respond(201, IngestRunDto, await startIngestRun(ctx, body)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
