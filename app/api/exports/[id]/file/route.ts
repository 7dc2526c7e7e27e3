import { openExport } from "@/lib/domain/reports/exports/open-export";
import { otherMethods } from "@/lib/http/other-methods";
import { respondFile, respondRedirect } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "export:read", ids: ["id"] }, async (ctx, { ids }) => {
  const opened = await openExport(ctx, ids.id);
  return opened.link === null ? respondFile(opened.stream, opened) : respondRedirect(opened.link);
});

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
