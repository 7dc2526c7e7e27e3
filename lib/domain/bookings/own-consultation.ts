import { AppError } from "@/lib/core/errors";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { type ConsultationRow, holdConsultation } from "./consultation-row";

/**
 * A consultation that the firm agreed on by itself, held until the transaction ends.
 * @throws AppError `not_found`; `conflict` for one that was booked elsewhere, where alone it is moved and canceled.
 */
export async function holdOwn(tx: Tx, ctx: Ctx, id: string): Promise<ConsultationRow> {
  const row = await holdConsultation(tx, ctx, id);
  if (row.origin === "firm") return row;
  throw new AppError("conflict", "This consultation was booked in Acuity. Move or cancel it there.");
}

/** @throws AppError `conflict` when somebody changed the consultation since the caller saw it. */
export function requireVersion({ version }: ConsultationRow, expected: number | undefined): void {
  if (expected === undefined || expected === version) return;
  throw new AppError("conflict", "Someone changed this consultation meanwhile. Look again, then decide.");
}
