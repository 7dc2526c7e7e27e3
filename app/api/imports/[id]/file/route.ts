import { ImportDto } from "@/lib/contracts/imports";
import { IMPORT_MAX_BYTES } from "@/lib/core/import-limits";
import { describeImport, receiveImportFile } from "@/lib/domain/leads/imports/receive-file";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const PUT = withCaller(
  { permission: "leads:import", ids: ["id"], uploadMaxBytes: IMPORT_MAX_BYTES },
  async (ctx, { ids, upload }) => respond(200, ImportDto, await receiveImportFile(ctx, ids.id, upload)),
);

/* The file went to the bucket without us: look at it. */
export const POST = withCaller({ permission: "leads:import", ids: ["id"], isRepeatable: false }, async (ctx, { ids }) =>
  respond(200, ImportDto, await describeImport(ctx, ids.id)),
);

const refuse = otherMethods("PUT", "POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH };
