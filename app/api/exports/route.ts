import { AskExport, ExportDto, ExportPage, ExportQuery } from "@/lib/contracts/exports";
import { readSearch } from "@/lib/contracts/lead-search";
import { askExport } from "@/lib/domain/reports/exports/ask-export";
import { listExports } from "@/lib/domain/reports/exports/list-exports";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

// A page that shows progress asks by itself.
export const GET = withCaller(
  { permission: "export:read", isVisit: false, query: { schema: ExportQuery, read: readSearch } },
  async (ctx, { query }) => respond(200, ExportPage, await listExports(ctx, query)),
);

export const POST = withCaller({ permission: "export:read", body: AskExport }, async (ctx, { body }) =>
  respond(202, ExportDto, await askExport(ctx, body)),
);

const refuse = otherMethods("GET", "POST");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
