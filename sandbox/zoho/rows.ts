import { type Lead, type ZohoOrg, zohoTime } from "./org";

type Row = Record<string, unknown>;
type Result = Record<string, unknown> & { status: "success" | "error" };

/** What a write says of each row, in the order they came. */
export function writeRows(
  org: ZohoOrg,
  rows: readonly Row[],
  kind: { how: "upsert"; checked: readonly string[] } | { how: "update" },
  now: Date,
): Result[] {
  // Two rows of one request that hold the same key get in each other's way.
  const keys = new Set<string>();
  return rows.map((row, index) => {
    const planned = takeError(org, row);
    if (planned) return refused(planned.code, index, planned.field);
    const wrong = findWrong(org, row, index);
    if (wrong) return wrong;
    const checked = kind.how === "upsert" ? kind.checked : [];
    for (const field of checked) {
      const key = `${field} ${String(row[field] ?? "").toLowerCase()}`;
      if (row[field] && keys.has(key)) return refused("DUPLICATE_DATA", index, field);
      keys.add(key);
    }
    const byKey = checked.flatMap((field) => org.findBy(field, row[field]) ?? []);
    const there = kind.how === "update" ? (org.leads.get(String(row.id)) ?? null) : (byKey[0] ?? null);
    if (kind.how === "update" && !there) return refused("INVALID_DATA", index, "id");
    return put(org, row, there, index, now);
  });
}

function put(org: ZohoOrg, row: Row, there: Lead | null, index: number, now: Date): Result {
  if (there?.isLocked) return refused("RECORD_LOCKED", index);
  if (there?.isConverted) return refused("ID_ALREADY_CONVERTED", index, "id");
  const { id: _id, ...fields } = row;
  if (!(fields.Last_Name ?? there?.fields.Last_Name)) return refused("MANDATORY_NOT_FOUND", index, "Last_Name");
  for (const { name } of org.fields.filter((field) => field.isUnique)) {
    const holder = org.findBy(name, fields[name]);
    if (holder && holder !== there) return refused("DUPLICATE_DATA", index, name, holder.id);
  }
  const lead = there ? org.edit(there.id, fields, now) : org.add(fields, now);
  if (!lead) return refused("INVALID_DATA", index, "id");
  const by = { name: "Arrestra", id: `${org.id}0000000001` };
  return {
    code: "SUCCESS",
    status: "success",
    action: there ? "update" : "insert",
    duplicate_field: there ? "Email" : null,
    message: there ? "record updated" : "record added",
    details: {
      id: lead.id,
      Created_Time: zohoTime(lead.createdAt),
      Modified_Time: zohoTime(lead.modifiedAt),
      Created_By: by,
      Modified_By: by,
    },
  };
}

function findWrong(org: ZohoOrg, row: Row, index: number): Result | null {
  for (const { name, type, options } of org.fields) {
    const value = row[name];
    if (value === null || value === undefined) continue;
    if (type === "email" && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(String(value)))
      return refused("INVALID_DATA", index, name);
    if (options && !options.includes(String(value))) return refused("INVALID_DATA", index, name);
    if (type === "currency" && typeof value !== "number") return refused("INVALID_DATA", index, name);
  }
  return null;
}

function takeError(org: ZohoOrg, row: Row) {
  const next = org.rowErrors.find((each) => each.email === undefined || each.email === row.Email);
  if (!next) return null;
  next.count -= 1;
  if (next.count <= 0) org.rowErrors.splice(org.rowErrors.indexOf(next), 1);
  return next;
}

const refused = (code: string, index: number, field?: string, id?: string): Result => ({
  code,
  status: "error",
  message: "the row was refused",
  details: { ...(field ? { api_name: field, json_path: `$.data[${index}].${field}` } : {}), ...(id ? { id } : {}) },
});
