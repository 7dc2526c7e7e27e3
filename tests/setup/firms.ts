import pg from "pg";
import { type Clock, systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { mintApiKey } from "@/lib/core/secret";
import { type Actor, type Ctx, type LeadScope, provenTenant, type Role } from "@/lib/domain/context/ctx";
import { enrol } from "./factor";

/** A user of a test. `totpSecret` is that of the authenticator in use; empty without one. */
export type TestUser = { id: string; email: string; role: Role; totpSecret: string };

/** A further user of a firm; `asUser` gives the context of a session whose factor was shown just now. */
export type TestMember = TestUser & { asUser: TestFirm["asUser"] };

/** A firm of a test with one user and one key; `as*` give contexts that a gate would have minted. A user's has just shown the second factor. */
export type TestFirm = {
  id: string;
  slug: string;
  user: TestUser;
  key: { id: string; text: string };
  asUser: (clock?: Clock, previousVisitAt?: Date) => Ctx;
  asKey: (scopes?: readonly string[], clock?: Clock) => Ctx;
  asService: (clock?: Clock) => Ctx;
};

export const ALL_SCOPES = ["leads:ingest", "enrich:run", "leads:read", "leads:write", "export:read"];

/** `scope` are the leads that the user may see, without it all; `isEnrolled: false` leaves them without an authenticator. */
type UserOptions = { role?: Role; scope?: LeadScope; passwordHash?: string; isEnrolled?: boolean };
type Options = UserOptions & { slug?: string; scopes?: readonly string[] };

/** Makes a firm in the database of this test file, as the owner would. Its user has an authenticator in use. */
export async function makeFirm({ slug, scopes = ALL_SCOPES, ...options }: Options = {}): Promise<TestFirm> {
  const id = newId();
  const name = slug ?? `firm-${id.slice(-12)}`;
  const key = { id: newId(), ...mintApiKey() };
  await asOwner(id, async (client) => {
    await client.query("INSERT INTO tenant (id, slug, name, demo) VALUES ($1, $2, $3, true)", [
      id,
      name,
      `Firm ${name}`,
    ]);
    await client.query(
      "INSERT INTO api_key (tenant_id, id, kid, secret_hash, name, scopes) VALUES ($1, $2, $3, $4, 'Test key', $5)",
      [id, key.id, key.kid, key.secretHash, [...scopes]],
    );
  });
  const { asUser, ...user } = await insertUser(id, { ...options, email: `dana@${name}.example`, name: "Dana Counsel" });
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
    asUser,
    asKey: (given = scopes, clock) => ctx({ type: "apiKey", id: key.id, scopes: given }, clock),
    asService: (clock) => ctx({ type: "service", id: "test" }, clock),
  };
}

/** Adds a user to a firm: a viewer with an authenticator in use, unless the options say otherwise. */
export function addUser(
  firm: Pick<TestFirm, "id" | "slug">,
  { email, name = "Robin Associate", ...options }: UserOptions & { email?: string; name?: string } = {},
): Promise<TestMember> {
  const own = email ?? `robin-${newId().slice(-12)}@${firm.slug}.example`;
  return insertUser(firm.id, { role: "viewer", ...options, email: own, name });
}

async function insertUser(
  tenantId: string,
  {
    role = "owner",
    scope,
    passwordHash,
    isEnrolled = true,
    email,
    name,
  }: UserOptions & { email: string; name: string },
): Promise<TestMember> {
  const id = newId();
  await asOwner(tenantId, (client) =>
    client.query(
      `INSERT INTO app_user (tenant_id, id, email, name, role, password_hash, scope_counties, scope_classes)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [tenantId, id, email, name, role, passwordHash ?? null, scope?.counties ?? [], scope?.classes ?? []],
    ),
  );
  const totpSecret = isEnrolled ? await enrol(tenantId, id) : "";
  const asUser: TestFirm["asUser"] = (clock = systemClock, previousVisitAt) => ({
    tenantId: provenTenant(tenantId),
    actor: {
      type: "user",
      id,
      role,
      sessionId: newId(),
      factorAt: clock.now(),
      previousVisitAt: previousVisitAt ?? null,
      ...(scope ? { scope } : {}),
    },
    requestId: newId(),
    clock,
  });
  return { id, email, role, totpSecret, asUser };
}

const ownerPools = new Map<string, pg.Pool>();

/** Connecting costs ten to twenty times what most statements of a test cost: connections are kept, and do not hold up the end of a file. */
function ownerPool(): pg.Pool {
  const connectionString = process.env.DATABASE_URL ?? "";
  const pool = ownerPools.get(connectionString) ?? new pg.Pool({ connectionString, max: 20, allowExitOnIdle: true });
  if (!ownerPools.has(connectionString)) {
    // A test that drops its database cuts what is kept here.
    pool.on("error", () => {});
    ownerPools.set(connectionString, pool);
  }
  return pool;
}

/** Runs statements as the owner of the tables in one transaction bound to a firm. */
export async function asOwner<T>(tenantId: string, fn: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await ownerPool().connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT set_config('app.tenant_id', $1, true)", [tenantId]);
    const result = await fn(client);
    await client.query("COMMIT");
    await client.query("DISCARD ALL");
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** Runs a statement, such as one that takes a lock, as the owner of the tables in a transaction that is open until what comes back is called. */
export async function heldByOwner(tenantId: string, statement: string): Promise<() => Promise<void>> {
  const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const held = asOwner(tenantId, async (client) => {
    await client.query(statement);
    begun.resolve();
    await over.promise;
  });
  await Promise.race([begun.promise, held]);
  return () => {
    over.resolve();
    return held;
  };
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
