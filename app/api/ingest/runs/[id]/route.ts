import { FinishIngestRun, IngestRunDto } from "@/lib/contracts/ingest";
import { finishIngestRun } from "@/lib/domain/leads/ingest-runs";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withApiKey } from "@/lib/http/with-api-key";

export const PATCH = withApiKey(
  { scope: "leads:ingest", ids: ["id"], body: FinishIngestRun },
  async (ctx, { body, ids }) => respond(200, IngestRunDto, await finishIngestRun(ctx, ids.id, body)),
);

const refuse = otherMethods("PATCH");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as POST, refuse as PUT };
