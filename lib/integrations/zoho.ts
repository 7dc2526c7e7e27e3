import { z } from "zod";
import { atOnce } from "@/lib/platform/vendor-pace";
import { type ZohoAccess, type ZohoReply, zohoRequest } from "./zoho-request";

export type { ZohoAccess } from "./zoho-request";

/** Most rows of one write. */
export const MAX_ROWS = 100;
/** Most fields that a list may ask for. */
export const MAX_FIELDS = 50;
const PER_PAGE = 200;
/** Pages by number end here; further ones go by token. */
const MAX_PAGE = 2000 / PER_PAGE;

/** What every reply says beside its answer: the credits left, where Zoho says so (it does from half of them used). */
export type Credits = { creditsLeft: number | null };

const Org = z.object({
  org: z.array(z.object({ id: z.coerce.string(), company_name: z.string().max(300).nullish() })).min(1),
});

/** Whose CRM this is: the id of the organization and its name. */
export async function identify(
  access: ZohoAccess,
): Promise<{ accountId: string; label: string; settings: Record<string, string> }> {
  const reply = await ask(access, { path: "/org" });
  const [org] = reply.read(Org).org;
  const accountId = org?.id ?? "";
  return { accountId, label: org?.company_name || `Organization ${accountId}`, settings: {} };
}

const Fields = z.object({
  fields: z.array(
    z.object({
      api_name: z.string().max(200),
      field_label: z.string().max(200).nullish(),
      data_type: z.string().max(60).nullish(),
      read_only: z.boolean().nullish(),
      system_mandatory: z.boolean().nullish(),
      unique: z.record(z.string(), z.unknown()).nullish(),
      pick_list_values: z.array(z.object({ actual_value: z.string(), display_value: z.string().nullish() })).nullish(),
    }),
  ),
});

/** A field of a lead at Zoho. `options`: the values of a pick list, empty for other kinds. */
export type ZohoField = {
  name: string;
  label: string;
  type: string;
  isReadOnly: boolean;
  isMandatory: boolean;
  isUnique: boolean;
  options: string[];
};

/** The fields that a lead has in this CRM. */
export async function listFields(access: ZohoAccess): Promise<{ fields: ZohoField[] } & Credits> {
  const reply = await ask(access, { path: "/settings/fields", query: { module: "Leads" } });
  if (reply.status === 204) return { fields: [], creditsLeft: reply.creditsLeft };
  const fields = reply.read(Fields).fields.map((field) => ({
    name: field.api_name,
    label: field.field_label || field.api_name,
    type: field.data_type ?? "text",
    isReadOnly: field.read_only === true,
    isMandatory: field.system_mandatory === true,
    isUnique: Object.keys(field.unique ?? {}).length > 0,
    options: (field.pick_list_values ?? []).map((option) => option.actual_value),
  }));
  return { fields, creditsLeft: reply.creditsLeft };
}

/** What a lead holds at Zoho, by API name of the field. */
export type ZohoRecord = Record<string, string | number | null>;

/** What became of one row. `field`: the API name that the refusal is about; `existingId`: the record that holds the value already. */
export type RowResult =
  | { isWritten: true; id: string; action: "insert" | "update"; modifiedAt: Date | null }
  | { isWritten: false; code: string; field: string | null; existingId: string | null };

const text = z.coerce.string().max(200);
const Row = z.union([
  z.object({
    status: z.literal("success"),
    action: z.enum(["insert", "update"]).nullish(),
    details: z.object({ id: text, Modified_Time: z.iso.datetime({ offset: true }).nullish() }),
  }),
  z.object({
    status: z.literal("error"),
    code: text,
    details: z
      .object({ api_name: text.nullish(), id: text.nullish(), duplicate_record: z.object({ id: text }).nullish() })
      .nullish()
      // An error without details, or with a list of them, is an error all the same.
      .catch(null),
  }),
]);
const Written = z.object({ data: z.array(Row) });

/**
 * Creates leads, or updates those that hold the same value in one of `duplicateFields`. No workflow there is set off. Every row has a result of its own, in the
 * order of `rows`, whatever the status of the reply. Rows that share a key must not be in one call: see `sharesKey`. Safe to repeat for rows that have a key.
 */
export async function upsertLeads(
  access: ZohoAccess,
  rows: readonly ZohoRecord[],
  duplicateFields: readonly string[],
): Promise<{ rows: RowResult[] } & Credits> {
  const body = { data: rows, duplicate_check_fields: duplicateFields, trigger: [] };
  return write(access, { method: "POST", path: "/Leads/upsert", body }, rows.length);
}

/** Updates leads by their `id`, with the fields given and no others. Safe to repeat. */
export async function updateLeads(
  access: ZohoAccess,
  rows: readonly (ZohoRecord & { id: string })[],
): Promise<{ rows: RowResult[] } & Credits> {
  return write(access, { method: "PUT", path: "/Leads", body: { data: rows, trigger: [] } }, rows.length);
}

async function write(
  access: ZohoAccess,
  request: { method: "POST" | "PUT"; path: string; body: unknown },
  count: number,
): Promise<{ rows: RowResult[] } & Credits> {
  if (count === 0) return { rows: [], creditsLeft: null };
  if (count > MAX_ROWS) throw new RangeError(`At most ${MAX_ROWS} rows go in one call.`);
  // A reply that refuses every row has status 400 and rows like any other.
  const reply = await ask(access, { ...request, acceptsRows: true });
  const { data } = reply.read(Written);
  if (data.length !== count) throw reply.garbled("answered another number of rows than were sent");
  return { rows: data.map(toResult), creditsLeft: reply.creditsLeft };
}

function toResult(row: z.infer<typeof Row>): RowResult {
  if (row.status === "success") {
    const { id, Modified_Time: modified } = row.details;
    return { isWritten: true, id, action: row.action ?? "update", modifiedAt: modified ? new Date(modified) : null };
  }
  const { api_name: field, id, duplicate_record: duplicate } = row.details ?? {};
  return { isWritten: false, code: row.code, field: field ?? null, existingId: duplicate?.id ?? id ?? null };
}

/** True when two rows hold the same value in a field that tells records apart: in one call they could become one record. */
export function sharesKey(a: ZohoRecord, b: ZohoRecord, fields: readonly string[]): boolean {
  const key = (row: ZohoRecord, field: string) => String(row[field] ?? "").toLowerCase();
  return fields.some((field) => key(a, field) !== "" && key(a, field) === key(b, field));
}

/** A place in a list: a page up to 2,000 rows, then a token (kept for a day there). */
export type ZohoPlace = { page: number } | { pageToken: string };

const Listed = z.object({
  data: z.array(z.looseObject({ id: text, Modified_Time: z.iso.datetime({ offset: true }).nullish() })),
  info: z.object({ more_records: z.boolean().nullish(), next_page_token: z.string().max(2000).nullish() }).nullish(),
});

/** A lead as it stands there. `fields` holds what was asked for; what is no text or number (a look-up, a list) counts as unknown and is left out. */
export type ListedLead = { id: string; modifiedAt: Date | null; fields: ZohoRecord };

/** One page of leads, the longest unchanged first, of those that changed since `since`. `next` is null at the end. */
export async function getLeads(
  access: ZohoAccess,
  asked: { fields: readonly string[]; since?: Date | null; place?: ZohoPlace },
): Promise<{ leads: ListedLead[]; next: ZohoPlace | null } & Credits> {
  const fields = [...new Set([...asked.fields, "Modified_Time"])];
  if (fields.length > MAX_FIELDS) throw new RangeError(`At most ${MAX_FIELDS} fields can be asked for.`);
  const place = asked.place ?? { page: 1 };
  const reply = await ask(access, {
    path: "/Leads",
    query: {
      fields: fields.join(","),
      per_page: String(PER_PAGE),
      sort_by: "Modified_Time",
      sort_order: "asc",
      ...("page" in place ? { page: String(place.page) } : { page_token: place.pageToken }),
    },
    // Without milliseconds: the documented form.
    headers: asked.since ? { "If-Modified-Since": `${asked.since.toISOString().slice(0, 19)}+00:00` } : {},
  });
  const { creditsLeft } = reply;
  if (reply.status === 204 || reply.status === 304) return { leads: [], next: null, creditsLeft };
  const { data, info } = reply.read(Listed);
  const leads = data.map(toListed);
  return { leads, next: info?.more_records ? after(place, info.next_page_token ?? null) : null, creditsLeft };
}

/** Leads by their ids, at most a hundred; those that are gone or became something else are left out. */
export async function getLeadsById(
  access: ZohoAccess,
  asked: { fields: readonly string[]; ids: readonly string[] },
): Promise<{ leads: ListedLead[] } & Credits> {
  if (asked.ids.length === 0) return { leads: [], creditsLeft: null };
  if (asked.ids.length > MAX_ROWS) throw new RangeError(`At most ${MAX_ROWS} leads can be asked for.`);
  const fields = [...new Set([...asked.fields, "Modified_Time"])].join(",");
  const query = { fields, ids: asked.ids.join(","), per_page: String(PER_PAGE) };
  const reply = await ask(access, { path: "/Leads", query });
  const { creditsLeft } = reply;
  if (reply.status === 204) return { leads: [], creditsLeft };
  const leads = reply.read(Listed).data.map(toListed);
  // Others than those asked for: what is not in the list would be taken for gone.
  if (leads.some(({ id }) => !asked.ids.includes(id))) throw reply.garbled("answered other leads than were asked for");
  return { leads, creditsLeft };
}

function toListed({ id, Modified_Time: modified, ...rest }: z.infer<typeof Listed>["data"][number]): ListedLead {
  return { id, modifiedAt: modified ? new Date(modified) : null, fields: plainOf(rest) };
}

function after(place: ZohoPlace, pageToken: string | null): ZohoPlace | null {
  if ("page" in place && place.page < MAX_PAGE) return { page: place.page + 1 };
  return pageToken ? { pageToken } : null;
}

function plainOf(fields: Record<string, unknown>): ZohoRecord {
  const isPlain = (entry: [string, unknown]): entry is [string, string | number | null] =>
    entry[1] === null || typeof entry[1] === "string" || typeof entry[1] === "number";
  return Object.fromEntries(Object.entries(fields).filter(isPlain));
}

const Deleted = z.object({
  data: z.array(z.object({ id: text, deleted_time: z.iso.datetime({ offset: true }).nullish() })),
  info: z.object({ more_records: z.boolean().nullish() }).nullish(),
});

/** One page of leads that were deleted there, from the bin and for good. */
export async function getDeleted(
  access: ZohoAccess,
  page = 1,
): Promise<{ deleted: { id: string; deletedAt: Date | null }[]; hasMore: boolean } & Credits> {
  const query = { type: "all", page: String(page), per_page: String(PER_PAGE) };
  const reply = await ask(access, { path: "/Leads/deleted", query });
  const { creditsLeft } = reply;
  if (reply.status === 204 || reply.status === 304) return { deleted: [], hasMore: false, creditsLeft };
  const { data, info } = reply.read(Deleted);
  const deleted = data.map(({ id, deleted_time: at }) => ({ id, deletedAt: at ? new Date(at) : null }));
  return { deleted, hasMore: info?.more_records === true, creditsLeft };
}

/** Zoho counts requests under way per organization. Before it is known which that is, the token stands for it. */
const ask = (access: ZohoAccess, request: Parameters<typeof zohoRequest>[1]): Promise<ZohoReply> =>
  atOnce("zoho.org", access.accountId || "unknown", () => zohoRequest(access, request));
