import type { Ctx } from "@/lib/domain/context/ctx";
import { refusalOf } from "@/lib/platform/rate-lease";

/** A proof counts for refusing alone, and not for long: a key that is revoked meanwhile is refused either way. */
const REMEMBERED_MS = 1000;
const MAX_REMEMBERED = 10_000;

type Proof = { keyId: string; tenantId: string; until: number };

// One per process, also when Next loads this module in more than one bundle.
const holder = globalThis as typeof globalThis & { arrestraProofs?: Map<string, Proof> };
holder.arrestraProofs ??= new Map();
const proofs = holder.arrestraProofs;

/** Remembers for a second whose key it was that was shown; `shown` is a digest of it and of the host that it was shown to. */
export function rememberProof(shown: string, { actor, tenantId }: Ctx): void {
  proofs.delete(shown);
  if (proofs.size >= MAX_REMEMBERED) proofs.delete(proofs.keys().next().value ?? "");
  proofs.set(shown, { keyId: actor.id, tenantId, until: performance.now() + REMEMBERED_MS });
}

/**
 * Refuses a key that was right a moment ago and has used up its limit, without asking the database who shows it: what floods is cheap to turn away.
 * @throws AppError `rate_limited` with Retry-After
 */
export function refuseAgain(shown: string): void {
  const proof = proofs.get(shown);
  if (!proof || proof.until < performance.now()) return;
  const refusal = refusalOf([
    ["api.key", proof.keyId],
    ["api.firm", proof.tenantId],
  ]);
  if (refusal) throw refusal;
}
