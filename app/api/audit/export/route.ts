import { AuditFilter } from "@/lib/contracts/audit";
import { readSearch } from "@/lib/contracts/lead-search";
import { exportAudit } from "@/lib/domain/reports/audit/export-audit";
import { otherMethods } from "@/lib/http/other-methods";
import { respondFile } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller(
  { permission: "audit:read", query: { schema: AuditFilter, read: readSearch } },
  async (ctx, { query }) => {
    const { stream, filename } = await exportAudit(ctx, query);
    return respondFile(stream, { filename, type: "text/csv; charset=utf-8; header=present" });
  },
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
