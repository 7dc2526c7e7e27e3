import { AddDomain, DomainDto, DomainList } from "@/lib/contracts/domains";
import { addDomain, listDomains } from "@/lib/domain/tenants/domains";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "domains:manage" }, async (ctx) =>
  respond(200, DomainList, { domains: await listDomains(ctx) }),
);

export const POST = withCaller({ permission: "domains:manage", body: AddDomain }, async (ctx, { body }) =>
  respond(201, DomainDto, await addDomain(ctx, body)),
);

const refuse = otherMethods("GET", "POST");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
