import { AppError } from "@/lib/core/errors";
import type { Tx } from "@/lib/platform/db";
import { findUserActor, isFirmOpen } from "../../auth/actor-now";
import type { Ctx } from "../../context/ctx";
import { type ImportRow, mayImport } from "./import-row";

/** Holds a job to what whoever asked for it may do now. @throws AppError `forbidden` when they may no longer bring lists, or the firm is not open. */
export async function requireAsker(tx: Tx, ctx: Ctx, { askedBy }: Pick<ImportRow, "askedBy">): Promise<void> {
  if (!(await isFirmOpen(tx, ctx))) throw new AppError("forbidden", "The firm is not open.");
  const actor = askedBy === null ? null : await findUserActor(tx, ctx, askedBy);
  if (actor && mayImport({ ...ctx, actor })) return;
  throw new AppError("forbidden", "Who asked for this may no longer bring lists. Somebody else can go on with it.");
}
