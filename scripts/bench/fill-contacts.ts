import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { newId } from "@/lib/core/ids";
import { contactIndex, contactPlace } from "@/lib/domain/leads/contacts";
import { encryptField } from "@/lib/platform/crypto";

/** Gives every lead of a firm one phone and one e-mail, sealed as the product seals them, each with a finished look-up. */
export async function fillWithContacts(admin: pg.Client, tenantId: string): Promise<void> {
  const { rows } = await admin.query<{ id: string }>("SELECT id FROM lead WHERE tenant_id = $1", [tenantId]);
  const at = new Date().toISOString();
  const line = (leadId: string, kind: "phone" | "email", value: string) => {
    const id = newId();
    const cipher = encryptField(value, contactPlace(tenantId, id));
    const index = contactIndex(tenantId, kind, value);
    return `${[tenantId, id, leadId, kind, "source", cipher, index, "service", "bench", at, at].join("\t")}\n`;
  };
  function* lines() {
    for (const [i, { id }] of rows.entries()) {
      yield line(id, "phone", `+1512555${String(i % 10_000).padStart(4, "0")}`);
      yield line(id, "email", `rowan.fictus.${i}@mail.example`);
    }
  }
  const columns = `tenant_id, id, lead_id, kind, origin, value_cipher, value_index, added_by_type, added_by_id, created_at, updated_at`;
  await pipeline(Readable.from(lines()), admin.query(copyFrom(`COPY contact_point (${columns}) FROM STDIN`)));
  await admin.query(
    `INSERT INTO enrichment (tenant_id, id, lead_id, contact_id, provider, value_index, state, result, requested_at, checked_at, expires_at)
     SELECT tenant_id, gen_random_uuid(), lead_id, id, CASE kind WHEN 'phone' THEN 'twilio' ELSE 'kickbox' END, value_index, 'found',
       CASE kind WHEN 'phone' THEN '{"valid": true, "lineType": "mobile", "carrier": "Example Wireless"}'::jsonb
                 ELSE '{"verdict": "deliverable"}'::jsonb END, now(), now(), now() + interval '30 days'
     FROM contact_point WHERE tenant_id = $1`,
    [tenantId],
  );
  await admin.query("UPDATE lead SET contact_state = 'mobile_valid' WHERE tenant_id = $1", [tenantId]);
  await admin.query("VACUUM (ANALYZE) lead, contact_point, enrichment");
}
