import { readLeadSearch } from "@/lib/contracts/lead-search";
import { LeadFilter } from "@/lib/contracts/leads";
import { exportLeads } from "@/lib/domain/export/export-leads";
import { otherMethods } from "@/lib/http/other-methods";
import { respondFile } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller(
  { permission: "export:read", query: { schema: LeadFilter, read: readLeadSearch } },
  async (ctx, { query }) => {
    const { stream, filename } = await exportLeads(ctx, query);
    return respondFile(stream, { filename, type: "text/csv; charset=utf-8; header=present" });
  },
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
