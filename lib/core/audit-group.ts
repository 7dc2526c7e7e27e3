/** What the audit trail can be narrowed to: the first part of an event's type, where `leads.listed` is one of the leads. */
export const AUDIT_GROUPS = [
  "auth",
  "user",
  "api_key",
  "firm",
  "domain",
  "lead",
  "contact",
  "evidence",
  "consultation",
  "connection",
  "sync",
  "ingest",
  "export",
  "import",
  "audit",
] as const;
export type AuditGroup = (typeof AUDIT_GROUPS)[number];

/** The group that an event type belongs to. */
export function auditGroupOf(type: string): string {
  const first = type.split(".")[0] ?? "";
  return first === "leads" ? "lead" : first;
}
