import type { LeadSort } from "@/lib/contracts/leads";
import { EXPORT_COLUMNS } from "./export-columns";

const ORDER: Record<LeadSort, string> = {
  firstSeen: "l.first_seen_at",
  arrested: "l.sort_arrested_at",
  score: "l.score",
  bail: "l.sort_bail_cents",
};

/** The contact that counts of one kind, with its newest look-up. Leads without contacts are not looked up at all. */
const contactJoin = (kind: "phone" | "email") => `
  LEFT JOIN LATERAL (
    SELECT c.id, c.value_cipher, e.state, e.result, e.checked_at
    FROM contact_point c
    LEFT JOIN LATERAL (SELECT state, result, checked_at FROM enrichment e
      WHERE e.tenant_id = c.tenant_id AND e.contact_id = c.id ORDER BY e.requested_at DESC LIMIT 1) e ON true
    WHERE l.contact_state <> 'none' AND c.tenant_id = l.tenant_id AND c.lead_id = l.id AND c.kind = '${kind}'
    ORDER BY (c.origin = 'firm') DESC, c.created_at DESC LIMIT 1) ${kind} ON true`;

const sealed = (kind: string) => `${kind}.id || ':' || ${kind}.value_cipher`;

// COPY takes no parameters, so the filter travels as the transaction's setting app.export and comes back as constants of the plan.
const setting = (name: string) => `(current_setting('app.export')::jsonb->>'${name}')`;
const list = (name: string) =>
  `ARRAY(SELECT jsonb_array_elements_text(current_setting('app.export')::jsonb->'${name}'))`;
const oneOf = (column: string, name: string) => `l.${column} = ANY (${list(name)})`;

/** What `app.export` holds. */
export type ExportSetting = {
  status: readonly string[];
  county: readonly string[];
  band: readonly string[];
  topClass: readonly string[];
  seenFrom: Date | null;
  seenTo: Date | null;
  arrestedFrom: Date | null;
  arrestedTo: Date | null;
  words: readonly string[];
};

/** The COPY of a filter. The text depends only on which parts of the filter are given; no value of the caller's ever enters it. */
export function copySql(given: ExportSetting, sort: LeadSort, descending: boolean): string {
  const conditions = ["l.tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid"];
  if (given.status.length > 0) conditions.push(oneOf("status", "status"));
  if (given.county.length > 0) conditions.push(oneOf("county", "county"));
  if (given.band.length > 0) conditions.push(oneOf("band", "band"));
  if (given.topClass.length > 0) conditions.push(oneOf("top_class", "topClass"));
  if (given.seenFrom) conditions.push(`l.first_seen_at >= ${setting("seenFrom")}::timestamptz`);
  if (given.seenTo) conditions.push(`l.first_seen_at < ${setting("seenTo")}::timestamptz`);
  if (given.arrestedFrom) conditions.push(`l.sort_arrested_at >= ${setting("arrestedFrom")}::timestamptz`);
  if (given.arrestedTo) conditions.push(`l.sort_arrested_at < ${setting("arrestedTo")}::timestamptz`);
  if (given.words.length > 0) {
    conditions.push(`l.id = ANY (ARRAY(SELECT search_lead_ids(${list("words")}, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
      'score', true, NULL, NULL, 2147483647)))`);
  }
  const direction = descending ? "DESC" : "ASC";
  const columns = [...EXPORT_COLUMNS.map((column) => column.sql), sealed("phone"), sealed("email")];
  return `COPY (SELECT ${columns.join(", ")} FROM lead l ${contactJoin("phone")} ${contactJoin("email")}
    WHERE ${conditions.join(" AND ")} ORDER BY ${ORDER[sort]} ${direction}, l.id ${direction}) TO STDOUT WITH (FORMAT csv, ENCODING 'UTF8')`;
}
