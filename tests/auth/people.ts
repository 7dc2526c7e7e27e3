import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import type { Ctx, Role } from "@/lib/domain/context/ctx";
import { asOwner, eventsOf, type TestFirm } from "../setup/firms";

/** A person of a test firm beside its first user. */
export type Person = { id: string; email: string; name: string; role: Role };

type Options = {
  role?: Role;
  name?: string;
  /** Chose a password and showed a second factor; else they are invited only. */
  hasJoined?: boolean;
  isDisabled?: boolean;
  /** Sessions that hold. */
  sessions?: number;
};

/** Adds a person as they stand after joining: password, authenticator, ten recovery codes, a passkey. None of these open a door here. */
export async function addPerson(firm: TestFirm, options: Options = {}): Promise<Person> {
  const { role = "staff", hasJoined = true, isDisabled = false, sessions = 0 } = options;
  const id = newId();
  const person = { id, email: `p${id.slice(-12)}@${firm.slug}.example`, name: options.name ?? "Ana Reyes", role };
  await asOwner(firm.id, async (client) => {
    const at = [firm.id, id];
    await client.query(
      `INSERT INTO app_user (tenant_id, id, email, name, role, password_hash, disabled_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [...at, person.email, person.name, role, hasJoined ? "hash" : null, isDisabled ? new Date() : null],
    );
    if (!hasJoined) return;
    await client.query(
      "INSERT INTO totp (tenant_id, id, user_id, secret_cipher, created_at, confirmed_at) VALUES ($1, $3, $2, 'sealed', now(), now())",
      [...at, newId()],
    );
    await client.query(
      "INSERT INTO recovery_code (tenant_id, user_id, code_hash, created_at) SELECT $1, $2, n::text, now() FROM generate_series(1, 10) n",
      at,
    );
    await client.query(
      "INSERT INTO passkey (tenant_id, id, user_id, credential_id, public_key, rp_id, name, created_at) VALUES ($1, $3, $2, $4, 'key', 'host', 'Laptop', now())",
      [...at, newId(), newId()],
    );
    for (let count = 0; count < sessions; count++)
      await client.query(
        `INSERT INTO session (tenant_id, id, user_id, token_hash, expires_at, factor, factor_at)
         VALUES ($1, $3, $2, $4, now() + interval '12 hours', 'totp', now())`,
        [...at, newId(), newId()],
      );
  });
  return person;
}

/** This person at work, their factor shown a minute ago unless said otherwise. */
export function asPerson(
  firm: TestFirm,
  { id, role }: Pick<Person, "id" | "role">,
  { clock = systemClock, factorAgeMs = 60_000 } = {},
): Ctx {
  const factorAt = new Date(clock.now().getTime() - factorAgeMs);
  return { ...firm.asUser(clock), actor: { type: "user", id, role, sessionId: newId(), factorAt } };
}

/** How many rows of a person there are. */
export async function countOf(
  firm: TestFirm,
  table: "totp" | "passkey" | "recovery_code" | "live sessions",
  { id }: Pick<Person, "id">,
): Promise<number> {
  const from = table === "live sessions" ? "session WHERE revoked_at IS NULL AND" : `${table} WHERE`;
  const { rows } = await asOwner(firm.id, (client) =>
    client.query(`SELECT count(*)::int AS n FROM ${from} tenant_id = $1 AND user_id = $2`, [firm.id, id]),
  );
  return rows[0].n;
}

/** The types of the firm's events since `from`, and their data. */
export async function eventsSince(firm: TestFirm, from = 0): Promise<[type: string, data: Record<string, unknown>][]> {
  return (await eventsOf(firm)).slice(from).map(({ type, data }) => [type, data]);
}
