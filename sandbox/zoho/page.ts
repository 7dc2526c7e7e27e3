import { escapeHtml } from "../http/html";
import type { ZohoOrg } from "./org";

const COLUMNS = ["Last_Name", "First_Name", "Email", "Phone", "Lead_Status", "County", "Next_Consultation"];

/** The leads of every organization, for people who want to look. */
export function leadsPage(orgs: readonly ZohoOrg[]): string {
  const cell = (value: unknown) => `<td>${escapeHtml(String(value ?? ""))}</td>`;
  const tables = orgs.map(
    (org) => `<h2>${escapeHtml(org.name)}</h2>
<table><thead><tr><th>Id</th>${COLUMNS.map((name) => `<th>${name.replaceAll("_", " ")}</th>`).join("")}</tr></thead><tbody>
${[...org.leads.values()].map((lead) => `<tr>${cell(lead.id)}${COLUMNS.map((name) => cell(lead.fields[name])).join("")}</tr>`).join("\n")}
</tbody></table>${org.leads.size === 0 ? "<p>No leads.</p>" : ""}`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Zoho CRM (stand-in)</title>
<style>:root { color-scheme: light dark } body { font: 15px/1.5 system-ui, sans-serif; margin: 24px } td, th { text-align: left; padding: 4px 12px 4px 0 }</style>
</head><body><h1>Zoho CRM (stand-in)</h1>${tables.join("\n")}</body></html>`;
}
