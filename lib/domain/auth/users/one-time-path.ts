import type { LinkPurpose } from "@/lib/contracts/account";
import type { OneTimeLink } from "@/lib/contracts/users";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { LINK_PATHS, makeOneTimeLink } from "../one-time-links";

/** A one-time link, its address without the firm's origin, which the route knows. Whoever opens it acts as this user: it is shown once and kept nowhere. */
export type OneTimePath = Omit<OneTimeLink, "url"> & { path: string };

/** Makes the link of this purpose for a user; one from before no longer works. */
export async function makeOneTimePath(tx: Tx, ctx: Ctx, purpose: LinkPurpose, userId: string): Promise<OneTimePath> {
  const { link, expiresAt } = await makeOneTimeLink(tx, ctx, { purpose, userId });
  return { userId, path: `${LINK_PATHS[purpose]}${link}`, expiresAt: expiresAt.toISOString() };
}
