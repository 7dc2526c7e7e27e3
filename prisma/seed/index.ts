import pg from "pg";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { parseApiKey, sha256 } from "@/lib/core/secret";
import { hashPassword } from "@/lib/domain/auth/password";
import { sealTotpSecret } from "@/lib/domain/auth/totp";
import { type Ctx, provenTenant } from "@/lib/domain/context/ctx";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { awkwardBatches } from "./awkward-leads";
import { DEMO_SCOPES, SEED_FIRMS, type SeedFirm, type SeedUser, SMITHLAW_USERS } from "./firms";

/** How one signs in: the password, and the secret (base32) of the authenticator. */
export type UserAccess = { email: string; password: string; totpSecret: string };

/** How the owner of a firm signs in, the key its scraper posts with, and how the further users of smithlaw sign in. */
export type FirmAccess = UserAccess & { apiKey: string; users?: Record<keyof typeof SMITHLAW_USERS, UserAccess> };

/**
 * Makes the three firms of the demonstration, with one owner and one key each and smithlaw's further users, as the database's owner; then gives riverbend
 * its awkward leads through the ingest verb. Repeating it changes nothing but passwords, authenticators and keys that were given anew.
 */
export async function seedDemo({ ownerUrl, firms }: { ownerUrl: string; firms: Record<SeedFirm, FirmAccess> }) {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    for (const slug of Object.keys(SEED_FIRMS) as SeedFirm[]) await seedFirm(client, slug, firms[slug]);
  } finally {
    await client.end();
  }
  const ctx = seedCtx("riverbend");
  for (const batch of awkwardBatches(ctx.clock.now())) await ingestLeads(ctx, batch);
}

/** A context of the seed for one of its firms. */
export const seedCtx = (slug: SeedFirm): Ctx => ({
  tenantId: provenTenant(SEED_FIRMS[slug].id),
  actor: { type: "service", id: "seed" },
  requestId: newId(),
  clock: systemClock,
});

async function seedFirm(client: pg.Client, slug: SeedFirm, access: FirmAccess): Promise<void> {
  const firm = SEED_FIRMS[slug];
  const key = parseApiKey(access.apiKey);
  if (!key) throw new Error(`The API key given for ${slug} is not one of ours.`);
  await client.query("BEGIN");
  try {
    await client.query("SELECT set_config('app.tenant_id', $1, true)", [firm.id]);
    await client.query(
      `INSERT INTO tenant (id, slug, name, demo) VALUES ($1, $2, $3, true) ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name`,
      [firm.id, slug, firm.name],
    );
    await seedUser(client, firm.id, firm.user, access);
    for (const [name, user] of Object.entries(SMITHLAW_USERS)) {
      const own = access.users?.[name as keyof typeof SMITHLAW_USERS];
      if (own) await seedUser(client, firm.id, user, own);
    }
    await client.query(
      `INSERT INTO api_key (tenant_id, id, kid, secret_hash, name, scopes) VALUES ($1, $2, $3, $4, 'Demo scraper', $5)
       ON CONFLICT (tenant_id, id) DO UPDATE SET kid = EXCLUDED.kid, secret_hash = EXCLUDED.secret_hash`,
      [firm.id, firm.keyId, key.kid, sha256(key.secret), [...DEMO_SCOPES]],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

async function seedUser(client: pg.Client, tenantId: string, user: SeedUser, access: UserAccess): Promise<void> {
  const { id, name, role, scope } = user;
  await client.query(
    `INSERT INTO app_user (tenant_id, id, email, name, role, password_hash, scope_counties) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (tenant_id, id) DO UPDATE SET email = EXCLUDED.email, password_hash = EXCLUDED.password_hash`,
    [tenantId, id, access.email, name, role, await hashPassword(access.password), [...(scope?.counties ?? [])]],
  );
  // The authenticator has the id of its user, so that a repeated start finds it; the codes that were taken stay taken.
  await client.query("DELETE FROM totp WHERE tenant_id = $1 AND user_id = $2 AND id <> $2", [tenantId, id]);
  await client.query(
    `INSERT INTO totp (tenant_id, id, user_id, secret_cipher, created_at, confirmed_at) VALUES ($1, $2, $2, $3, now(), now())
     ON CONFLICT (tenant_id, id) DO UPDATE SET secret_cipher = EXCLUDED.secret_cipher`,
    [tenantId, id, sealTotpSecret(access.totpSecret, tenantId, id)],
  );
}
