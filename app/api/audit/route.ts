import { AuditPage, AuditQuery } from "@/lib/contracts/audit";
import { readSearch } from "@/lib/contracts/lead-search";
import { listAudit } from "@/lib/domain/reports/audit/list-audit";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller(
  { permission: "audit:read", query: { schema: AuditQuery, read: readSearch } },
  async (ctx, { query }) => respond(200, AuditPage, await listAudit(ctx, query)),
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
