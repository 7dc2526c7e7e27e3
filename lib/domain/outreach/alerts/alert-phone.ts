import { decryptField, encryptField, type FieldPlace } from "@/lib/platform/crypto";
import type { Ctx } from "../../context/ctx";

const placeOf = ({ tenantId }: Pick<Ctx, "tenantId">, userId: string): FieldPlace => ({
  tenantId,
  table: "alert_choice",
  column: "phone_cipher",
  rowId: userId,
});

/** A user's phone for alerts, sealed in its place. */
export const sealPhone = (ctx: Ctx, userId: string, e164: string): string => encryptField(e164, placeOf(ctx, userId));

/** The phone of a seal. Throws when it was altered or belongs to somebody else. */
export const openPhone = (ctx: Ctx, userId: string, cipher: string): string =>
  decryptField(cipher, placeOf(ctx, userId));
