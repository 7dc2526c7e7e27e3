import type { CreatedFirm, CreateFirm, FirmOwner } from "@/lib/contracts/firms";
import { normalizeEmail } from "@/lib/core/email";
import { AppError } from "@/lib/core/errors";
import { firmOrigin, isFirmLabel } from "@/lib/core/host";
import { newId } from "@/lib/core/ids";
import type { Tx } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvent } from "../events/record-events";
import { findFirmInAnyState, getFirmInAnyState } from "../tenants/list-firms";
import { type Operator, operatorCtx } from "../tenants/operator-ctx";
import { inviteUser } from "./users/invite-user";
import type { OneTimePath } from "./users/one-time-path";

/**
 * Makes a firm with its owner's invitation: one transaction, bound to the new firm's own id, so that it can write nothing of any other. Made again while
 * the owner has not joined, the firm stays as it is and the owner gets a new link. @throws AppError `conflict` or `unprocessable` naming `slug`,
 *   `unprocessable` naming `owner.email`.
 */
export async function createFirm(operator: Operator, input: CreateFirm): Promise<CreatedFirm> {
  const slug = input.slug.toLowerCase();
  if (!isFirmLabel(slug)) {
    throw badSlug(
      "unprocessable",
      "must be letters, digits and hyphens, at most 63, and no name that is kept for the platform",
    );
  }
  const ctx = operatorCtx(operator, newId());
  const made = await inTenant(ctx, async (tx) => {
    if (!(await insertFirm(tx, ctx, { ...input, slug }))) return null;
    await recordEvent(tx, ctx, { type: "firm.created", data: { slug } });
    return inviteOwnerOf({ ...ctx, tx }, input.owner);
  });
  const invitation = made ?? (await inviteAgain(operator, slug, input.owner));
  return { ...withUrl(slug, invitation), isNew: made !== null };
}

/**
 * Invites a further owner into a firm whose own have lost every way in. It takes an e-mail address that no member has: a member's account is not handed
 * to somebody else by the platform. The new owner can then let the others in again. @throws AppError `not_found`, `conflict` naming `owner.email`.
 */
export async function inviteOwner(operator: Operator, slug: string, owner: FirmOwner): Promise<CreatedFirm> {
  const firm = await getFirmInAnyState(operator, slug);
  if (firm.state !== "active") throw new AppError("conflict", `This firm is ${firm.state}: nobody can join it.`);
  const invitation = await inviteOwnerOf(operatorCtx(operator, firm.id), owner);
  return { ...withUrl(slug, invitation), isNew: false };
}

const withUrl = (slug: string, { path, expiresAt }: OneTimePath): Omit<CreatedFirm, "isNew"> => {
  const url = firmOrigin(slug, env().APP_BASE_URL);
  return { slug, url, link: url + path, expiresAt };
};

/** False when another firm has the slug. That firm's row is not visible here, so the index is what says so. */
async function insertFirm(tx: Tx, ctx: Ctx, { slug, name, timeZone }: CreateFirm): Promise<boolean> {
  const isDemo = env().ARRESTRA_ENV === "demo";
  const inserted = await tx.$executeRaw`
    INSERT INTO tenant (id, slug, name, time_zone, demo, created_at)
    VALUES (${ctx.tenantId}::uuid, ${slug}, ${name}, ${timeZone}, ${isDemo}, ${ctx.clock.now()})
    ON CONFLICT (slug) DO NOTHING`;
  return inserted === 1;
}

/** The same e-mail, and nobody in the firm yet: the operator lost the link, or the owner let it run out. */
async function inviteAgain(operator: Operator, slug: string, owner: FirmOwner): Promise<OneTimePath> {
  const taken = badSlug("conflict", "belongs to a firm already");
  const firm = await findFirmInAnyState(operator, slug);
  if (!firm) throw taken;
  const ctx = operatorCtx(operator, firm.id);
  return inTenant(ctx, async (tx) => {
    const users = await tx.user.findMany({
      where: { tenantId: ctx.tenantId },
      select: { email: true, passwordHash: true },
      take: 2,
    });
    const [only] = users;
    const isWaiting = users.length === 1 && only?.passwordHash === null && only.email === normalizeEmail(owner.email);
    if (!isWaiting || firm.state !== "active") throw taken;
    return inviteOwnerOf({ ...ctx, tx }, owner);
  });
}

async function inviteOwnerOf(ctx: Ctx, { email, name }: FirmOwner): Promise<OneTimePath> {
  try {
    return await inviteUser(ctx, { email, name, role: "owner", scope: { counties: [], classes: [] } });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const invalidParams = error.invalidParams.map((param) =>
      param.name === "email" ? { ...param, name: "owner.email" } : param,
    );
    throw new AppError(error.code, error.message, { cause: error, invalidParams });
  }
}

const badSlug = (code: "conflict" | "unprocessable", reason: string): AppError =>
  new AppError(code, code === "conflict" ? "Another firm has this address." : "This cannot be a firm's address.", {
    invalidParams: [{ name: "slug", reason }],
  });
