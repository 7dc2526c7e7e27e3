import pg from "pg";
import { type Clock, systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { mintApiKey } from "@/lib/core/secret";
import { type Actor, type Ctx, provenTenant, type Role } from "@/lib/domain/context/ctx";

/** A firm of a test with one user and one key; `as*` give contexts that a gate would have minted. */
export type TestFirm = {
  id: string;
  slug: string;
  user: { id: string; email: string; role: Role };
  key: { id: string; text: string };
  asUser: (clock?: Clock, previousVisitAt?: Date) => Ctx;
  asKey: (scopes?: readonly string[], clock?: Clock) => Ctx;
  asService: (clock?: Clock) => Ctx;
};

export const ALL_SCOPES = ["leads:ingest", "enrich:run", "leads:read", "leads:write", "export:read"];

type Options = { slug?: string; role?: Role; passwordHash?: string; scopes?: readonly string[] };

/** Makes a firm in the database of this test file, as the owner would. */
export async function makeFirm({
  slug,
  role = "owner",
  passwordHash,
  scopes = ALL_SCOPES,
}: Options = {}): Promise<TestFirm> {
  const id = newId();
  const name = slug ?? `firm-${id.slice(-12)}`;
  const user = { id: newId(), email: `dana@${name}.example`, role };
  const key = { id: newId(), ...mintApiKey() };
  await asOwner(id, async (client) => {
    await client.query("INSERT INTO tenant (id, slug, name, demo) VALUES ($1, $2, $3, true)", [
      id,
      name,
      `Firm ${name}`,
    ]);
    await client.query(
      "INSERT INTO app_user (tenant_id, id, email, name, role, password_hash) VALUES ($1, $2, $3, 'Dana Counsel', $4, $5)",
      [id, user.id, user.email, role, passwordHash ?? null],
    );
    await client.query(
      "INSERT INTO api_key (tenant_id, id, kid, secret_hash, name, scopes) VALUES ($1, $2, $3, $4, 'Test key', $5)",
      [id, key.id, key.kid, key.secretHash, [...scopes]],
    );
  });
  const ctx = (actor: Actor, clock: Clock = systemClock): Ctx => ({
    tenantId: provenTenant(id),
    actor,
    requestId: newId(),
    clock,
  });
  return {
    id,
    slug: name,
    user,
    key: { id: key.id, text: key.text },
    asUser: (clock, previousVisitAt) =>
      ctx({ type: "user", id: user.id, role, sessionId: newId(), previousVisitAt: previousVisitAt ?? null }, clock),
    asKey: (given = scopes, clock) => ctx({ type: "apiKey", id: key.id, scopes: given }, clock),
    asService: (clock) => ctx({ type: "service", id: "test" }, clock),
  };
}

/** Runs statements as the owner of the tables in one transaction bound to a firm. */
export async function asOwner<T>(tenantId: string, fn: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT set_config('app.tenant_id', $1, true)", [tenantId]);
    const result = await fn(client);
    await client.query("COMMIT");
    return result;
  } finally {
    await client.end();
  }
}

/** The firm's events, oldest first. */
export const eventsOf = (firm: TestFirm, leadId?: string) =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query<{
      type: string;
      data: Record<string, unknown>;
      lead_id: string | null;
      actor_id: string;
    }>(
      `SELECT type, data, lead_id, actor_id FROM event WHERE ($1::uuid IS NULL OR lead_id = $1) ORDER BY occurred_at, id`,
      [leadId ?? null],
    );
    return rows;
  });
