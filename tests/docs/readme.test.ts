import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { IngestEnvelope, IngestLead, IngestWithdrawal } from "@/lib/contracts/ingest";
import { readLeadSearch } from "@/lib/contracts/lead-search";
import { LeadPageQuery } from "@/lib/contracts/leads";

const readme = readFileSync("README.md", "utf8");

it("shows a batch that the API takes as it stands", () => {
  const body = /-d '(\{[\s\S]*?\n\})'/.exec(readme)?.[1] ?? "";
  const { leads } = IngestEnvelope.parse(JSON.parse(body));
  for (const lead of leads) IngestLead.parse(lead);
  expect(() => IngestWithdrawal.parse(leads[0])).toThrow();
});

it("shows queries that the API takes as they stand", () => {
  const queries = [...readme.matchAll(/\/api\/leads(?:\/export)?\?([^"\s]+)"/g)].map(([, query = ""]) => query);
  expect(queries.length).toBeGreaterThan(1);
  for (const query of queries) LeadPageQuery.parse(readLeadSearch(new URLSearchParams(query)));
});
