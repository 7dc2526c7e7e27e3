import { randomBytes } from "node:crypto";
import { type Lead, type ZohoOrg, zohoTime } from "./org";

/** A list as the wire has it: a status, and a body where there is one. */
export type Answer = { status: number; body?: Record<string, unknown> };

const refusal = (status: number, code: string): Answer => ({
  status,
  body: { code, details: {}, message: code, status: "error" },
});
/** Page numbers reach so far. */
const BY_NUMBER = 2000;
const TOKEN_MS = 24 * 3_600_000;

/** `GET /Leads`. */
export function listLeads(org: ZohoOrg, query: URLSearchParams, since: string | undefined, now: Date): Answer {
  const fields = (query.get("fields") ?? "").split(",").filter(Boolean);
  if (fields.length === 0) return refusal(400, "REQUIRED_PARAM_MISSING");
  if (fields.length > 50) return refusal(400, "LIMIT_EXCEEDED");
  const perPage = Number(query.get("per_page") ?? 200);
  if (!(perPage >= 1 && perPage <= 200)) return refusal(400, "INVALID_DATA");
  const ids = query.get("ids")?.split(",");
  if (ids && ids.length > 100) return refusal(400, "LIMIT_EXCEEDED");
  const token = query.get("page_token");
  if (token !== null && query.has("page")) return refusal(400, "AMBIGUITY_DURING_PROCESSING");
  const known = token === null ? null : org.pageTokens.get(token);
  if (token !== null && !(known && known.endsAt > now.getTime())) return refusal(400, "INVALID_DATA");
  const page = Number(query.get("page") ?? 1);
  const offset = known?.offset ?? (page - 1) * perPage;
  if (!known && offset + perPage > BY_NUMBER) return refusal(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED");
  const after = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  const all = [...org.leads.values()]
    .filter((lead) => !lead.isConverted && lead.modifiedAt.getTime() > after && (!ids || ids.includes(lead.id)))
    .sort(inOrder(query.get("sort_by") ?? "id", query.get("sort_order") ?? "desc"));
  const leads = all.slice(offset, offset + perPage);
  if (leads.length === 0) return { status: since === undefined ? 204 : 304 };
  const hasMore = offset + perPage < all.length;
  const next = hasMore ? newToken(org, offset + perPage, now) : null;
  return {
    status: 200,
    body: {
      data: leads.map((lead) => shown(lead, fields)),
      info: { per_page: perPage, count: leads.length, page, next_page_token: next, more_records: hasMore },
    },
  };
}

function inOrder(by: string, order: string): (a: Lead, b: Lead) => number {
  const sign = order === "asc" ? 1 : -1;
  const key = (lead: Lead) => (by === "id" ? 0 : (by === "Created_Time" ? lead.createdAt : lead.modifiedAt).getTime());
  return (a, b) => sign * (key(a) - key(b) || (a.id < b.id ? -1 : 1));
}

function newToken(org: ZohoOrg, offset: number, now: Date): string {
  const token = randomBytes(24).toString("hex");
  org.pageTokens.set(token, { offset, endsAt: now.getTime() + TOKEN_MS });
  return token;
}

function shown(lead: Lead, fields: readonly string[]): Record<string, unknown> {
  const all: Record<string, unknown> = {
    ...lead.fields,
    Modified_Time: zohoTime(lead.modifiedAt),
    Created_Time: zohoTime(lead.createdAt),
  };
  return { ...Object.fromEntries(fields.map((name) => [name, all[name] ?? null])), id: lead.id };
}

/** `GET /Leads/deleted`. */
export function listDeleted(org: ZohoOrg, query: URLSearchParams): Answer {
  if (!["all", "recycle", "permanent"].includes(query.get("type") ?? "all")) return refusal(400, "INVALID_DATA");
  const perPage = Number(query.get("per_page") ?? 200);
  const offset = (Number(query.get("page") ?? 1) - 1) * perPage;
  const page = org.deleted.slice(offset, offset + perPage);
  if (page.length === 0) return { status: 204 };
  return {
    status: 200,
    body: {
      data: page.map(({ id, name, at }) => ({
        id,
        display_name: name,
        type: "recycle",
        deleted_by: { name: "A person", id: `${org.id}0000000002` },
        deleted_time: zohoTime(at),
      })),
      info: {
        per_page: perPage,
        count: page.length,
        page: offset / perPage + 1,
        more_records: offset + perPage < org.deleted.length,
      },
    },
  };
}

/** `GET /settings/fields`. */
export const listFields = (org: ZohoOrg): Answer => ({
  status: 200,
  body: {
    fields: org.fields.map(({ name, label, type, options, isMandatory, isUnique }) => ({
      api_name: name,
      field_label: label,
      data_type: type,
      read_only: false,
      system_mandatory: isMandatory === true,
      unique: isUnique ? { casesensitive: false } : {},
      pick_list_values: (options ?? []).map((value) => ({ actual_value: value, display_value: value })),
    })),
  },
});
