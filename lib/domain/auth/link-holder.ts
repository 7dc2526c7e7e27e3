import { AppError } from "@/lib/core/errors";
import type { Role } from "@/lib/core/role";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { findOneTimeLink, type ShownLink } from "./one-time-links";

/** Who holds a link, for the page that it opens. */
export type LinkHolder = { userId: string; name: string; email: string; role: Role; firmName: string; slug: string };

/** Whoever opens this link on its firm's host, or null for every link that opens nothing. Spends nothing. */
export const findLinkHolder = (ctx: Ctx, shown: ShownLink): Promise<LinkHolder | null> =>
  inTenant(ctx, (tx) => holderOf(tx, ctx, shown));

/** As `findLinkHolder`, in the caller's transaction. @throws AppError `not_found`, the same for every link that opens nothing. */
export async function getLinkHolder(tx: Tx, ctx: Ctx, shown: ShownLink): Promise<LinkHolder> {
  const holder = await holderOf(tx, ctx, shown);
  if (!holder) throw deadLink();
  return holder;
}

/** A link to join is for who has no password yet, the others for who has one. */
async function holderOf(tx: Tx, ctx: Ctx, shown: ShownLink): Promise<LinkHolder | null> {
  const found = await findOneTimeLink(tx, ctx, shown);
  if (!found) return null;
  const [holder] = await tx.$queryRaw<LinkHolder[]>`
    SELECT u.id AS "userId", u.name, u.email, u.role, t.name AS "firmName", t.slug
    FROM app_user u JOIN tenant t ON t.id = u.tenant_id
    WHERE u.tenant_id = ${ctx.tenantId}::uuid AND u.id = ${found.userId}::uuid
      AND (u.password_hash IS NULL) = ${shown.purpose === "join"}`;
  return holder ?? null;
}

/** The one answer to a link that is spent, expired, replaced, of another firm, or was never one. */
export const deadLink = (): AppError =>
  new AppError(
    "not_found",
    "This link no longer works: it was used, has expired or was replaced. Ask an admin of your firm for a new one.",
  );
