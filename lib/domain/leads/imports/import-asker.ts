import { AppError } from "@/lib/core/errors";
import type { Role } from "@/lib/core/role";
import type { Tx } from "@/lib/platform/db";
import type { Ctx, LeadScope } from "../../context/ctx";
import { type ImportRow, mayImport } from "./import-row";

/** Holds a job to what whoever asked for it may do now. @throws AppError `forbidden` when they may no longer bring lists, or the firm is not open. */
export async function requireAsker(tx: Tx, ctx: Ctx, { askedBy }: Pick<ImportRow, "askedBy">): Promise<void> {
  const { tenantId } = ctx;
  const firm = await tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { status: true } });
  if (firm.status !== "active") throw new AppError("forbidden", "The firm is not open.");
  const user =
    askedBy === null ? null : await tx.user.findFirst({ where: { tenantId, id: askedBy, disabledAt: null } });
  if (user) {
    const scope = { counties: user.scopeCounties, classes: user.scopeClasses } as LeadScope;
    if (mayImport({ ...ctx, actor: { type: "user", id: user.id, role: user.role as Role, sessionId: "", scope } }))
      return;
  }
  throw new AppError("forbidden", "Who asked for this may no longer bring lists. Somebody else can go on with it.");
}
