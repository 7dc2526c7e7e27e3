import { CreatedFirm, CreateFirm } from "@/lib/contracts/firms";
import { createFirm } from "@/lib/domain/auth/create-firm";
import { withOperator } from "@/lib/http/operator-route";
import { respond } from "@/lib/http/respond";

export const POST = withOperator({ body: CreateFirm }, async (operator, body) =>
  respond(201, CreatedFirm, await createFirm(operator, body)),
);
