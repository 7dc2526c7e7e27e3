import { ProblemPage, ProblemQuery } from "@/lib/contracts/imports";
import { readSearch } from "@/lib/contracts/lead-search";
import { listImportProblems } from "@/lib/domain/leads/imports/list-imports";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller(
  { permission: "leads:import", ids: ["id"], query: { schema: ProblemQuery, read: readSearch } },
  async (ctx, { ids, query }) => respond(200, ProblemPage, await listImportProblems(ctx, ids.id, query)),
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
