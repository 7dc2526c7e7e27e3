import type { AddDomain, DomainDto } from "@/lib/contracts/domains";
import { AppError } from "@/lib/core/errors";
import { firmOrigin, readOwnHost } from "@/lib/core/host";
import { newId } from "@/lib/core/ids";
import { randomToken } from "@/lib/core/secret";
import type { Tx } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { requireFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";
import { toDomainDto } from "./domain-row";

/** Domains of one firm: each is asked for again and again. */
export const MAX_DOMAINS = 10;

/** Where the firm answers, or will: its subdomain first, then its own domains as they were added. */
export async function listDomains(ctx: Ctx): Promise<DomainDto[]> {
  requirePermission(ctx, "domains:manage");
  return inTenant(ctx, async (tx) => {
    const firm = await tx.tenant.findUniqueOrThrow({ where: { id: ctx.tenantId }, select: { slug: true } });
    const rows = await tx.domain.findMany({
      where: { tenantId: ctx.tenantId },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    });
    return [subdomain(firm.slug), ...rows.map(toDomainDto)];
  });
}

/**
 * Adds a domain of the firm's own, which then waits for its TXT record. Anybody may claim a name: it is proving it that counts, so one that another firm
 * claims too is taken. The same one again changes nothing. Needs `domains:manage` and a fresh factor.
 * @throws AppError `unprocessable` naming `host`, `conflict` at the tenth, `rate_limited`.
 */
export async function addDomain(ctx: Ctx, input: AddDomain): Promise<DomainDto> {
  requirePermission(ctx, "domains:manage");
  requireFreshFactor(ctx);
  const host = readOwnHost(input.host, env().APP_BASE_URL);
  if ("problem" in host) {
    throw new AppError("unprocessable", "This cannot be a domain of the firm.", {
      invalidParams: [{ name: "host", reason: host.problem }],
    });
  }
  await requireRate("domain-check.firm", ctx.tenantId);
  return inTenant(ctx, async (tx) => {
    await takeTurn(tx, ctx);
    const { tenantId } = ctx;
    const there = await tx.domain.findFirst({ where: { tenantId, host: host.name } });
    if (there) return toDomainDto(there);
    if ((await tx.domain.count({ where: { tenantId } })) >= MAX_DOMAINS) {
      throw new AppError("conflict", `A firm has at most ${MAX_DOMAINS} domains of its own. Remove one first.`);
    }
    const data = { tenantId, id: newId(), host: host.name, token: randomToken(), createdAt: ctx.clock.now() };
    const added = await tx.domain.create({ data });
    await recordEvent(tx, ctx, { type: "domain.added", data: { domainId: added.id, host: added.host } });
    return toDomainDto(added);
  });
}

/**
 * Removes a domain: the firm stops answering there within a second, and whoever is signed in there is signed in no more. Passkeys made on that host work
 * nowhere else. Needs `domains:manage` and a fresh factor. @throws AppError `not_found` (also for another firm's domain).
 */
export async function removeDomain(ctx: Ctx, domainId: string): Promise<void> {
  requirePermission(ctx, "domains:manage");
  requireFreshFactor(ctx);
  await inTenant(ctx, async (tx) => {
    const [removed] = await tx.$queryRaw<{ host: string }[]>`
      DELETE FROM domain WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${domainId}::uuid RETURNING host`;
    if (!removed) throw new AppError("not_found", "There is nothing here.");
    await recordEvent(tx, ctx, { type: "domain.removed", data: { domainId, host: removed.host } });
  });
}

/** Domains of one firm are added one after the other: two at once would both be the tenth. */
const takeTurn = (tx: Tx, { tenantId }: Ctx) =>
  tx.$queryRaw`SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(${`domains ${tenantId}`}, 0))`;

const subdomain = (slug: string): DomainDto => ({
  id: null,
  host: new URL(firmOrigin(slug, env().APP_BASE_URL)).hostname,
  state: "subdomain",
  record: null,
  checkedAt: null,
  verifiedAt: null,
  problem: null,
  endsAt: null,
});
