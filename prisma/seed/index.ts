import pg from "pg";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { parseApiKey, sha256 } from "@/lib/core/secret";
import { hashPassword } from "@/lib/domain/auth/password";
import { type Ctx, provenTenant } from "@/lib/domain/context/ctx";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { awkwardBatches } from "./awkward-leads";
import { DEMO_SCOPES, SEED_FIRMS, type SeedFirm } from "./firms";

/** How one signs in to a firm, and the key its scraper posts with. */
export type FirmAccess = { email: string; password: string; apiKey: string };

/**
 * Makes the three firms of the demonstration, with one owner and one key each, as the database's owner; then gives riverbend its awkward leads
 * through the ingest verb. Repeating it changes nothing but passwords and keys that were given anew.
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
    await client.query(
      `INSERT INTO app_user (tenant_id, id, email, name, role, password_hash) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (tenant_id, id) DO UPDATE SET email = EXCLUDED.email, password_hash = EXCLUDED.password_hash`,
      [firm.id, firm.user.id, access.email, firm.user.name, firm.user.role, await hashPassword(access.password)],
    );
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
