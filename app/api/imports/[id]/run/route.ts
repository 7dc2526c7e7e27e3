import { ImportDto } from "@/lib/contracts/imports";
import { askRun } from "@/lib/domain/leads/imports/start-work";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "leads:import", ids: ["id"] }, async (ctx, { ids }) =>
  respond(202, ImportDto, await askRun(ctx, ids.id)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
