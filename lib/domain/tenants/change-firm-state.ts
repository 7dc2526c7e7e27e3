import type { FirmState } from "@/lib/contracts/firms";
import { AppError } from "@/lib/core/errors";
import { asPlatform, inTenant } from "../context/in-tenant";
import type { EventOf } from "../events/catalog";
import { recordEvent } from "../events/record-events";
import { type Operator, operatorCtx } from "./operator-ctx";

/** How long a closed firm can change its mind before its rows may be erased. */
export const ERASE_AFTER_MS = 30 * 86_400_000;

type StateEvent = EventOf<"firm.suspended"> | EventOf<"firm.reactivated"> | EventOf<"firm.closed">;
type Change = { to: FirmState; reason: string | null; eraseAfter: Date | null; event: StateEvent };

/**
 * Shuts a firm: from the next second on nobody signs in, no session and no key is taken, no work is done for it, and its address answers like one that
 * never was. Nothing is deleted. Suspending a suspended firm changes nothing. @throws AppError `not_found`, `conflict` when it is closed.
 */
export async function suspendFirm(operator: Operator, firmId: string, reason: string): Promise<void> {
  const event = { type: "firm.suspended", data: { reason } } as const;
  await changeState(operator, firmId, ["active"], { to: "suspended", reason, eraseAfter: null, event });
}

/**
 * Opens a suspended firm again, or takes its closing back; sessions that have not run out hold again. Repeating changes nothing.
 * @throws AppError `not_found`, `conflict` when its erasure has begun: what is gone does not come back.
 */
export async function reactivateFirm(operator: Operator, firmId: string): Promise<void> {
  const event = { type: "firm.reactivated", data: {} } as const;
  await changeState(operator, firmId, ["suspended", "closed"], { to: "active", reason: null, eraseAfter: null, event });
}

/** Shuts a firm that is leaving. Its rows stay for 30 days, in which `reactivateFirm` takes it back; then they may be erased. Gives that moment. */
export async function closeFirm(operator: Operator, firmId: string): Promise<Date> {
  const eraseAfter = new Date(operator.clock.now().getTime() + ERASE_AFTER_MS);
  const event = { type: "firm.closed", data: { eraseAfter: eraseAfter.toISOString() } } as const;
  const kept = await changeState(operator, firmId, ["active", "suspended"], {
    to: "closed",
    reason: null,
    eraseAfter,
    event,
  });
  return kept ?? eraseAfter;
}

/** True from the first row that went: the certificate is written before it. Whoever runs the platform may see certificates, the firm's own role none. */
const isBeingErased = (firmId: string): Promise<boolean> =>
  asPlatform("run the platform", async (tx) => {
    const begun = await tx.erasureCertificate.findFirst({ where: { firmId }, select: { firmId: true } });
    return begun !== null;
  });

/** Gives the `erase_after` that holds now. */
function changeState(operator: Operator, firmId: string, from: FirmState[], change: Change): Promise<Date | null> {
  const ctx = operatorCtx(operator, firmId);
  const { to, reason, eraseAfter, event } = change;
  return inTenant(ctx, async (tx) => {
    const [firm] = await tx.$queryRaw<{ state: FirmState; eraseAfter: Date | null }[]>`
      SELECT status AS state, erase_after AS "eraseAfter" FROM tenant WHERE id = ${ctx.tenantId}::uuid FOR NO KEY UPDATE`;
    if (!firm) throw new AppError("not_found", "There is no such firm.");
    if (firm.state === to) return firm.eraseAfter;
    if (!from.includes(firm.state)) throw new AppError("conflict", `This firm is ${firm.state}.`);
    if (to === "active" && (await isBeingErased(firmId)))
      throw new AppError(
        "conflict",
        "The erasure of this firm has begun. It cannot be opened again; finish the erasure.",
      );
    await tx.$executeRaw`
      UPDATE tenant SET status = ${to}, status_reason = ${reason}, status_changed_at = ${ctx.clock.now()}, erase_after = ${eraseAfter}
      WHERE id = ${ctx.tenantId}::uuid`;
    await recordEvent(tx, ctx, event);
    return eraseAfter;
  });
}
