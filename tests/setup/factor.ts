import { generateSync } from "otplib";
import { newId } from "@/lib/core/ids";
import { newTotpSecret, sealTotpSecret } from "@/lib/domain/auth/totp";
import { asOwner } from "./firms";

const STEP_MS = 30_000;

/** The code that an authenticator shows now, or some steps later (earlier, when negative). */
export const codeOf = (secret: string, steps = 0, at = Date.now()): string =>
  generateSync({ secret, epoch: Math.floor((at + steps * STEP_MS) / 1000) });

/** Gives a user an authenticator that is in use, as the owner of the tables; gives its secret. */
export async function enrol(tenantId: string, userId: string): Promise<string> {
  const secret = newTotpSecret();
  const id = newId();
  await asOwner(tenantId, (client) =>
    client.query(
      "INSERT INTO totp (tenant_id, id, user_id, secret_cipher, created_at, confirmed_at) VALUES ($1, $2, $3, $4, now(), now())",
      [tenantId, id, userId, sealTotpSecret(secret, tenantId, id)],
    ),
  );
  return secret;
}

/** A code that will be taken: a code counts once in its thirty seconds, and a test cannot wait for the next. */
export async function freshCode(tenantId: string, user: { id: string; totpSecret: string }): Promise<string> {
  await asOwner(tenantId, (client) => client.query("UPDATE totp SET last_step = 0 WHERE user_id = $1", [user.id]));
  return codeOf(user.totpSecret);
}
