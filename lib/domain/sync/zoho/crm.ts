import type { CrmField } from "@/lib/contracts/connections";
import { AppError } from "@/lib/core/errors";
import { type Credits, listFields, type ZohoAccess, type ZohoField } from "@/lib/integrations/zoho";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { noteQuota, withAccess } from "../../tenants/connections/with-access";

/** A firm's CRM: its connection, which field holds what, and the fields there are. */
export type Crm = { connectionId: string; mapping: CrmField[]; fields: ReadonlyMap<string, ZohoField> };

/** The fields of a CRM change seldom, and asking costs a credit. */
const KEPT_MS = 10 * 60_000;
const MOST_KEPT = 200;
const kept = new Map<string, { at: number; fields: ZohoField[] }>();

/** Asks Zoho for the firm and keeps how many credits are left. Never inside a transaction. */
export async function askZoho<T extends Credits>(
  ctx: Ctx,
  connectionId: string,
  call: (access: ZohoAccess) => Promise<T>,
): Promise<T> {
  const answer = await withAccess(ctx, "zoho", call);
  if (answer.creditsLeft !== null) await noteQuota(ctx, connectionId, answer.creditsLeft);
  return answer;
}

/** The lines of the mapping, in the order of the facts' names. */
export async function listMapping(tx: Tx, { tenantId }: Ctx, connectionId: string): Promise<CrmField[]> {
  const rows = await tx.crmField.findMany({ where: { tenantId, connectionId }, orderBy: { ours: "asc" } });
  return rows.map(({ ours, theirs, rule }) => ({ ours, theirs, rule }) as CrmField);
}

/** The firm's connection to Zoho. @throws AppError `not_configured` without one. */
export async function requireZoho(tx: Tx, { tenantId }: Ctx): Promise<{ id: string }> {
  const row = await tx.connection.findUnique({
    where: { tenantId_provider: { tenantId, provider: "zoho" } },
    select: { id: true },
  });
  if (!row) throw new AppError("not_configured", "Zoho CRM is not connected.");
  return row;
}

/** The fields of a lead at Zoho, at most ten minutes old; `isFresh` asks for them now. */
export async function knownFields(ctx: Ctx, connectionId: string, isFresh = false): Promise<ZohoField[]> {
  const now = ctx.clock.now().getTime();
  const known = kept.get(connectionId);
  if (!isFresh && known && Math.abs(now - known.at) < KEPT_MS) return known.fields;
  const { fields } = await askZoho(ctx, connectionId, listFields);
  kept.delete(connectionId);
  kept.set(connectionId, { at: now, fields });
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest) kept.delete(oldest);
  return fields;
}

/** Everything that pushing and pulling need to know. @throws AppError `not_configured`, VendorError. */
export async function openCrm(ctx: Ctx): Promise<Crm> {
  const { connectionId, mapping } = await inTenant(ctx, async (tx) => {
    const { id } = await requireZoho(tx, ctx);
    return { connectionId: id, mapping: await listMapping(tx, ctx, id) };
  });
  const fields = new Map((await knownFields(ctx, connectionId)).map((field) => [field.name, field]));
  // A field that was removed there cannot be written; the mapping page says so.
  return { connectionId, mapping: mapping.filter(({ theirs }) => fields.has(theirs)), fields };
}

/** The fields by which Zoho tells a lead from another: the address, and what the firm made unique there. */
export const keyFields = ({ mapping, fields }: Crm): string[] =>
  mapping.filter(({ ours, theirs }) => ours === "email" || fields.get(theirs)?.isUnique).map(({ theirs }) => theirs);
