import { systemClock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { type ApiKeyParts, sameSecret, sha256 } from "@/lib/core/secret";
import { findApiKey } from "@/lib/domain/auth/find-api-key";
import { noteKeyUse } from "@/lib/domain/auth/note-key-use";
import { type Ctx, provenTenant } from "@/lib/domain/context/ctx";
import { findSite, nothingHere } from "./firm-gate";
import { refuseAgain, rememberProof } from "./refuse-again";

const NOBODY = sha256("no key has this secret");

/** One sentence for every bad key, so that a guess learns nothing. */
export const badKey = (): AppError => new AppError("unauthenticated", "The API key is not valid here.");

/**
 * Proves a key and mints its firm. Good on our own address and on its own firm's host; on another firm's host it is as wrong as no key. The row is
 * read each time, so a revoked or expired key is refused from the next request on; it is not read for one that has used up its limit.
 */
export async function proveKey(request: Request, parts: ApiKeyParts, requestId: string): Promise<Ctx> {
  const site = await findSite(request.headers);
  if (site.kind === "unknown") throw nothingHere();
  const shown = sha256(`${site.kind === "firm" ? site.firm.id : ""}|${parts.kid}|${parts.secret}`);
  refuseAgain(shown);
  const key = await findApiKey(parts.kid);
  const isRight = sameSecret(sha256(parts.secret), key?.secretHash ?? NOBODY);
  const now = systemClock.now();
  if (!key || !isRight || key.revokedAt || (key.expiresAt && key.expiresAt <= now)) throw badKey();
  if (site.kind === "firm" && site.firm.id !== key.tenantId) throw badKey();
  const ctx: Ctx = {
    tenantId: provenTenant(key.tenantId),
    actor: { type: "apiKey", id: key.id, scopes: key.scopes },
    requestId,
    clock: systemClock,
  };
  rememberProof(shown, ctx);
  await noteKeyUse(ctx);
  return ctx;
}
