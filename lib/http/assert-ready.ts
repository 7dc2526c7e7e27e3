import { setTimeout as sleep } from "node:timers/promises";
import { assertRoleIsBound, isDatabaseAway } from "@/lib/platform/db";
import { env, requireEnv } from "@/lib/platform/env";
import { failureFields, log } from "@/lib/platform/log";

/** Settings that serving needs beside those that have a default. */
const NEEDED = ["APP_DATABASE_URL", "NEXTAUTH_SECRET", "FIELD_KEYS", "BLIND_INDEX_KEY"] as const;
const DATABASE_TRIES = 10;

/**
 * Checks what must hold before the first request: the settings are there and sound, sandbox and loopback vendors are refused in production (`env()`
 * does), and the database role is one that row-level security binds. Throws with a sentence for the person who starts it.
 */
export async function assertReadyToServe(): Promise<void> {
  const { ARRESTRA_ENV, SANDBOX_URL, APP_BASE_URL, OPERATOR_TOKEN, OPERATOR_TOTP_SECRET } = env();
  for (const name of NEEDED) requireEnv(name);
  if (ARRESTRA_ENV === "production") {
    if (SANDBOX_URL)
      throw new Error("SANDBOX_URL must not be set in production: the sandbox answers for real services.");
    if (!APP_BASE_URL.startsWith("https:")) throw new Error("APP_BASE_URL must be https in production.");
    if (OPERATOR_TOKEN && !OPERATOR_TOTP_SECRET)
      throw new Error(
        "OPERATOR_TOTP_SECRET must be set beside OPERATOR_TOKEN in production: whoever runs the platform shows two factors too.",
      );
  }
  await assertRole();
}

/** The database may come up a little later than we do; a role that could see past its firm is refused at once. */
async function assertRole(): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await assertRoleIsBound();
    } catch (error) {
      if (!isDatabaseAway(error) || attempt === DATABASE_TRIES) throw error;
      log.warn("waiting for the database", { attempt, ...failureFields(error) });
      await sleep(500);
    }
  }
}
