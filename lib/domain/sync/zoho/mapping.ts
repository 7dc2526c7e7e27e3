import {
  CRM_FACTS,
  type CrmFact,
  type CrmField,
  type CrmMapping,
  type CrmMappingPage,
} from "@/lib/contracts/connections";
import { AppError, type InvalidParam, VendorError } from "@/lib/core/errors";
import type { ZohoField } from "@/lib/integrations/zoho";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import { recordEvent } from "../../events/record-events";
import { knownFields, listMapping, requireZoho } from "./crm";

/**
 * What is mapped when a firm connects, as far as its CRM has a field of that name. What a person is charged with goes nowhere by itself: the firm has to map
 * those facts.
 */
const DEFAULTS: readonly CrmField[] = [
  { ours: "lastName", theirs: "Last_Name", rule: "ours" },
  { ours: "firstName", theirs: "First_Name", rule: "ours" },
  { ours: "phone", theirs: "Phone", rule: "newest" },
  { ours: "email", theirs: "Email", rule: "newest" },
  { ours: "status", theirs: "Lead_Status", rule: "newest" },
  { ours: "county", theirs: "County", rule: "ours" },
  { ours: "nextConsultation", theirs: "Next_Consultation", rule: "ours" },
  { ours: "leadUrl", theirs: "Arrestra_Link", rule: "ours" },
];

/** Kinds of field that can hold text or a number of ours. */
const TAKING = [
  "text",
  "textarea",
  "email",
  "phone",
  "picklist",
  "website",
  "currency",
  "double",
  "integer",
  "bigint",
  "date",
  "datetime",
];
const canTake = ({ isReadOnly, type }: ZohoField) => !isReadOnly && TAKING.includes(type);

/** Writes the mapping that a firm begins with, unless it has one. Safe to run twice. */
export async function beginMapping(ctx: Ctx, connectionId: string): Promise<void> {
  const fields = await knownFields(ctx, connectionId, true);
  const there = new Set(fields.filter(canTake).map(({ name }) => name));
  await inTenant(ctx, async (tx) => {
    if ((await listMapping(tx, ctx, connectionId)).length > 0) return;
    const mapping = DEFAULTS.filter(({ ours, theirs }) => ours === "lastName" || there.has(theirs));
    await writeMapping(tx, ctx, connectionId, mapping);
  });
}

/**
 * Which field of the CRM holds what, and the fields there are, asked for at Zoho each time. Needs `connections:manage`.
 * @throws AppError `not_configured` without a connection that works, `vendor_unavailable` when Zoho does not answer.
 */
export async function getMapping(ctx: Ctx): Promise<CrmMappingPage> {
  requirePermission(ctx, "connections:manage");
  const { id: connectionId } = await inTenant(ctx, (tx) => requireZoho(tx, ctx));
  const there = await fieldsThere(ctx, connectionId);
  return inTenant(ctx, async (tx) => {
    const about = {
      connectionId,
      provider: "zoho",
      resource: "fields",
      items: there.length,
      because: "person",
    } as const;
    await recordEvent(tx, ctx, { type: "sync.fetched", data: about });
    return toPage(await listMapping(tx, ctx, connectionId), there);
  });
}

/**
 * Changes which field holds what. Leads are written with it as they change; what stands in a field that is no longer mapped stays there. The same again changes
 * nothing. Needs `connections:manage` and a fresh second factor.
 * @throws AppError `unprocessable` naming the line and the field, `not_configured`, `vendor_unavailable`.
 */
export async function setMapping(ctx: Ctx, { fields }: CrmMapping): Promise<CrmMappingPage> {
  requirePermission(ctx, "connections:manage");
  requireFreshFactor(ctx);
  const { id: connectionId } = await inTenant(ctx, (tx) => requireZoho(tx, ctx));
  const there = await fieldsThere(ctx, connectionId);
  const problems = problemsOf(fields, there);
  if (problems.length > 0) {
    throw new AppError("unprocessable", problems.map(({ reason }) => reason).join(" "), { invalidParams: problems });
  }
  return inTenant(ctx, async (tx) => {
    await tx.$executeRaw`
      SELECT 1 FROM connection WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${connectionId}::uuid FOR NO KEY UPDATE`;
    const changed = changesOf(await listMapping(tx, ctx, connectionId), fields);
    if (changed.length > 0) {
      await writeMapping(tx, ctx, connectionId, fields);
      const data = { connectionId, provider: "zoho", fields: changed } as const;
      await recordEvent(tx, ctx, { type: "connection.changed", data });
    }
    return toPage(await listMapping(tx, ctx, connectionId), there);
  });
}

const toPage = (fields: CrmField[], there: readonly ZohoField[]): CrmMappingPage => ({
  fields,
  available: there.map(({ name, label, type }) => ({ name, label, type })),
});

/** The fields that can hold something of ours. Zoho's silence is nobody's fault here. */
async function fieldsThere(ctx: Ctx, connectionId: string): Promise<ZohoField[]> {
  try {
    return (await knownFields(ctx, connectionId, true)).filter(canTake);
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    throw new AppError(
      "vendor_unavailable",
      "Zoho did not say which fields there are. Nothing was changed; try again.",
      {
        cause: error,
        ...(error.retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(error.retryAfterMs / 1000) }),
      },
    );
  }
}

async function writeMapping(
  tx: Tx,
  { tenantId }: Ctx,
  connectionId: string,
  fields: readonly CrmField[],
): Promise<void> {
  await tx.crmField.deleteMany({ where: { tenantId, connectionId } });
  await tx.crmField.createMany({ data: fields.map((field) => ({ tenantId, connectionId, ...field })) });
}

function changesOf(before: readonly CrmField[], after: readonly CrmField[]): CrmFact[] {
  const words = (fields: readonly CrmField[]) => new Map(fields.map((f) => [f.ours, `${f.theirs} ${f.rule}`]));
  const [was, is] = [words(before), words(after)];
  return (Object.keys(CRM_FACTS) as CrmFact[]).filter((fact) => was.get(fact) !== is.get(fact));
}

/** What is wrong with a mapping, each with the line it is about. */
function problemsOf(fields: readonly CrmField[], there: readonly ZohoField[]): InvalidParam[] {
  const names = new Set(there.map(({ name }) => name));
  const found: InvalidParam[] = [];
  fields.forEach(({ ours, theirs }, index) => {
    const { label } = CRM_FACTS[ours];
    const before = fields.slice(0, index);
    if (!names.has(theirs)) {
      const reason = `Zoho has no field ${theirs} that we could write. Choose another for ${label}.`;
      found.push({ name: `fields[${index}].theirs`, reason });
    }
    const double = before.find((other) => other.theirs === theirs);
    if (double) {
      const reason = `${theirs} is chosen for ${CRM_FACTS[double.ours].label} and for ${label}. One field holds one thing.`;
      found.push({ name: `fields[${index}].theirs`, reason });
    }
    if (before.some((other) => other.ours === ours)) {
      found.push({ name: `fields[${index}].ours`, reason: `${label} is there twice.` });
    }
  });
  if (!fields.some(({ ours, theirs }) => ours === "lastName" && theirs === "Last_Name")) {
    const reason = "Last_Name must hold the last name: Zoho takes no lead without it.";
    found.push({ name: "fields", reason });
  }
  return found;
}
