import type { DomainDto, DomainProblem } from "@/lib/contracts/domains";
import { AppError } from "@/lib/core/errors";
import { Prisma, type Tx } from "@/lib/platform/db";
import { lookUpTxt } from "@/lib/platform/dns";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { requireFreshFactor } from "../context/step-up";
import type { AnyEvent } from "../events/catalog";
import { recordEvents } from "../events/record-events";
import { type DomainRow, GONE_AFTER_MS, proofOf, toDomainDto } from "./domain-row";

/**
 * Looks for a domain's TXT record now; with it the firm answers there. Name servers are asked with no transaction open. A domain that another firm has
 * proven stays that firm's until its record is gone for two weeks. Needs `domains:manage` and a fresh factor.
 * @throws AppError `not_found` (also for another firm's domain), `conflict` when another firm has proven the host, `rate_limited`.
 */
export async function verifyDomain(ctx: Ctx, domainId: string): Promise<DomainDto> {
  requirePermission(ctx, "domains:manage");
  requireFreshFactor(ctx);
  await requireRate("domain-check.firm", ctx.tenantId);
  const checked = await checkDomain(ctx, domainId, { isAsked: true });
  if (!checked) throw new AppError("not_found", "There is nothing here.");
  if (checked.problem === "taken") throw new AppError("conflict", "Another firm has proven this domain.");
  return toDomainDto(checked);
}

/** Looks for the record and writes down what came of it; null when the domain is gone. `isAsked`: a person waits for the answer, so it is recorded. */
export async function checkDomain(
  ctx: Ctx,
  domainId: string,
  { isAsked }: { isAsked: boolean },
): Promise<DomainRow | null> {
  const { tenantId } = ctx;
  const before = await inTenant(ctx, (tx) => tx.domain.findFirst({ where: { tenantId, id: domainId } }));
  if (!before) return null;
  const problem = await findProblem(before);
  try {
    return await writeDown(ctx, domainId, problem, isAsked);
  } catch (error) {
    // Another firm's row cannot be seen from here; the index over proven hosts speaks for it.
    if (!isTaken(error)) throw error;
    return writeDown(ctx, domainId, "taken", isAsked);
  }
}

function writeDown(
  ctx: Ctx,
  domainId: string,
  problem: DomainProblem | null,
  isAsked: boolean,
): Promise<DomainRow | null> {
  return inTenant(ctx, async (tx) => {
    const before = await lockDomain(tx, ctx, domainId);
    if (!before) return null;
    const after = judge(before, problem, ctx.clock.now());
    const { id, verifiedAt, checkedAt, failingSince } = after;
    await tx.domain.updateMany({
      where: { tenantId: ctx.tenantId, id },
      data: { verifiedAt, checkedAt, problem, failingSince },
    });
    await recordEvents(tx, ctx, eventsOf(before, after, isAsked));
    return after;
  });
}

async function findProblem(row: DomainRow): Promise<DomainProblem | null> {
  const { name, value } = proofOf(row);
  const answer = await lookUpTxt(name);
  if (answer.kind !== "found") return answer.kind;
  return answer.texts.some((text) => text.trim() === value) ? null : "other";
}

/** What a look makes of a domain. Only a sure answer counts against one that is verified: name servers that are away prove nothing. */
function judge(row: DomainRow, problem: DomainProblem | null, now: Date): DomainRow {
  const seen = { ...row, checkedAt: now, problem };
  if (problem === null) return { ...seen, verifiedAt: row.verifiedAt ?? now, failingSince: null };
  if (!row.verifiedAt || problem === "unreachable") return seen;
  const failingSince = row.failingSince ?? now;
  const isLost = now.getTime() - failingSince.getTime() >= GONE_AFTER_MS;
  return isLost ? { ...seen, verifiedAt: null, failingSince: null } : { ...seen, failingSince };
}

function eventsOf(before: DomainRow, after: DomainRow, isAsked: boolean): AnyEvent[] {
  const data = { domainId: after.id, host: after.host };
  if (!before.verifiedAt && after.verifiedAt) return [{ type: "domain.verified", data }];
  if (before.verifiedAt && !after.verifiedAt) return [{ type: "domain.lapsed", data }];
  // The schedule looks every hour: that nothing has changed is not news.
  const isNews = after.problem !== null && (isAsked || after.problem !== before.problem);
  return isNews ? [{ type: "domain.check_failed", data: { ...data, problem: after.problem ?? "" } }] : [];
}

const lockDomain = async (tx: Tx, { tenantId }: Ctx, id: string): Promise<DomainRow | null> => {
  await tx.$queryRaw`SELECT 1 FROM domain WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid FOR UPDATE`;
  return tx.domain.findFirst({ where: { tenantId, id } });
};

const isTaken = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002";
