import { DomainDto, VerifyDomain } from "@/lib/contracts/domains";
import { removeDomain } from "@/lib/domain/tenants/domains";
import { verifyDomain } from "@/lib/domain/tenants/verify-domain";
import { forgetFirm } from "@/lib/http/firm-gate";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const PATCH = withCaller(
  { permission: "domains:manage", ids: ["id"], body: VerifyDomain },
  async (ctx, { ids }) => {
    const domain = await verifyDomain(ctx, ids.id);
    forgetFirm(ctx.tenantId);
    return respond(200, DomainDto, domain);
  },
);

export const DELETE = withCaller({ permission: "domains:manage", ids: ["id"] }, async (ctx, { ids }) => {
  await removeDomain(ctx, ids.id);
  forgetFirm(ctx.tenantId);
  return respondEmpty();
});

const refuse = otherMethods("PATCH", "DELETE");

export { refuse as GET, refuse as OPTIONS, refuse as POST, refuse as PUT };
