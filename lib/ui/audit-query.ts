import type { AuditFilter } from "@/lib/contracts/audit";

const FIELDS = ["group", "type", "actor", "lead", "from", "to"] as const;

/** The query of a filter, begins with `?` unless empty: what the form would send. */
export function auditQuery(filter: AuditFilter, cursor?: string): string {
  const query = new URLSearchParams();
  for (const field of FIELDS) if (filter[field]) query.set(field, filter[field]);
  if (cursor) query.set("cursor", cursor);
  return query.size > 0 ? `?${query}` : "";
}

/** The address of the audit page under a filter. */
export const auditHref = (filter: AuditFilter, cursor?: string): string =>
  `/settings/audit${auditQuery(filter, cursor)}`;
