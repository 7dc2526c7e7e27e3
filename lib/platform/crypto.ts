import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { requireEnv } from "./env";

/** Where a ciphertext lives. It is bound to the place: moved to another row or firm it does not open. */
export type FieldPlace = { tenantId: string; table: string; column: string; rowId: string };

/** A column with ciphertext. `row`: the columns that, after `tenant_id`, make the primary key; their values joined by `|` are the `rowId` of a place. */
export type EncryptedColumn = { table: string; column: string; row: readonly string[] };

/** The one list of encrypted columns. A column that holds ciphertext and is not on it fails a test; key rotation goes through it. */
export const ENCRYPTED_COLUMNS = [
  { table: "contact_point", column: "value_cipher", row: ["id"] },
  { table: "idempotency_key", column: "body_cipher", row: ["caller", "route", "key"] },
  { table: "totp", column: "secret_cipher", row: ["id"] },
  { table: "lead_note", column: "text_cipher", row: ["id"] },
  { table: "integration_secret", column: "value_cipher", row: ["id"] },
  { table: "oauth_attempt", column: "verifier_cipher", row: ["id"] },
  { table: "webhook_delivery", column: "body_cipher", row: ["id"] },
  { table: "consultation", column: "join_url_cipher", row: ["id"] },
  { table: "consultation", column: "notes_cipher", row: ["id"] },
  { table: "attendance_interval", column: "name_cipher", row: ["id"] },
  { table: "file_export", column: "filter_cipher", row: ["id"] },
  { table: "alert_choice", column: "phone_cipher", row: ["user_id"] },
  { table: "evidence_file", column: "name_cipher", row: ["id"] },
] as const satisfies readonly EncryptedColumn[];

const TAG_BYTES = 16;

let ring: Map<string, Buffer> | undefined;
function keys(): Map<string, Buffer> {
  ring ??= new Map(
    requireEnv("FIELD_KEYS")
      .split(",")
      .map((entry) => {
        const [kid = "", key = ""] = entry.split(":");
        return [kid, Buffer.from(key, "base64")];
      }),
  );
  return ring;
}

const aad = (place: FieldPlace) => Buffer.from(`${place.tenantId}|${place.table}|${place.column}|${place.rowId}`);

/** AES-256-GCM: `v1.<kid>.<base64url of iv, ciphertext, tag>`, sealed with the first key of FIELD_KEYS. */
export function encryptField(plain: string, place: FieldPlace): string {
  const [kid, key] = keys().entries().next().value as [string, Buffer];
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(aad(place));
  const sealed = Buffer.concat([iv, cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1.${kid}.${sealed.toString("base64url")}`;
}

/** The plain text of a sealed field. Throws when the key is unknown, the text was altered or it belongs to another place. */
export function decryptField(sealed: string, place: FieldPlace): string {
  const [version, kid = "", body = ""] = sealed.split(".");
  const key = keys().get(kid);
  if (version !== "v1" || !key)
    throw new Error(`No key opens this field (${place.table}.${place.column}, key ${kid}).`);
  const bytes = Buffer.from(body, "base64url");
  // The tag's length is ours to say: left to the text, a shorter one would be easier to guess.
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: TAG_BYTES });
  decipher.setAAD(aad(place)).setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(12, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
}

/** The ids of the keys of this process: the first seals, all of them open. */
export const fieldKeyIds = (): { current: string; older: string[] } => {
  const [current = "", ...older] = keys().keys();
  return { current, older };
};

/** A keyed digest that finds equal values of one firm without showing them; two firms' digests of one value differ. */
export function blindIndex(value: string, scope: { tenantId: string; purpose: string }): string {
  return createHmac("sha256", Buffer.from(requireEnv("BLIND_INDEX_KEY"), "base64"))
    .update(`${scope.tenantId}|${scope.purpose}|${value}`)
    .digest("base64url");
}
