import { BeginImport, BegunImport, ImportPage, ImportQuery } from "@/lib/contracts/imports";
import { readSearch } from "@/lib/contracts/lead-search";
import { beginImport } from "@/lib/domain/leads/imports/begin-import";
import { listImports } from "@/lib/domain/leads/imports/list-imports";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, shownOnce } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

// A page that shows progress asks by itself.
export const GET = withCaller(
  { permission: "leads:import", isVisit: false, query: { schema: ImportQuery, read: readSearch } },
  async (ctx, { query }) => respond(200, ImportPage, await listImports(ctx, query)),
);

// Whoever has the form of the bucket needs nothing else for a quarter of an hour, so it rests nowhere.
export const POST = withCaller({ permission: "leads:import", body: BeginImport }, async (ctx, { body }) =>
  shownOnce(respond(201, BegunImport, await beginImport(ctx, body))),
);

const refuse = otherMethods("GET", "POST");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
