import type { z } from "zod";
import { IngestLead, type IngestProblem, IngestWithdrawal } from "@/lib/contracts/ingest";
import { countyTimeZone } from "@/lib/core/county";
import { normalizeEmail } from "@/lib/core/email";
import { localDate } from "@/lib/core/local-time";
import { normalizePhone } from "@/lib/core/phone";
import { contentHashOf, type SourceLead, toSourceLead } from "./source-lead";

const DAY_MS = 86_400_000;
const FIRST_YEAR = Date.UTC(1900, 0, 1);
/** Persons under 17 are juveniles in Texas (Family Code 51.02): never kept. */
const ADULT_AT = 17;

/** A contact that a source posted, normalised: E.164 or lower-case e-mail. */
export type SourceContact = { kind: "phone" | "email"; value: string };

/** What one row of a batch turned out to be. */
export type ParsedRow =
  | { kind: "lead"; index: number; sourceId: string; lead: SourceLead; contentHash: string; contacts: SourceContact[] }
  | { kind: "withdrawal"; index: number; sourceId: string; withdrawnAt: Date }
  | { kind: "rejected"; index: number; sourceId: string | null; problem: IngestProblem };

const pathOf = (path: PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    "",
  );

/** The field and reason that help most: the deepest problem of a union, and the name of an unknown field. */
function firstProblem(error: z.ZodError): { field: string; reason: string } {
  let path: PropertyKey[] = [];
  let issue: z.core.$ZodIssue | undefined = error.issues[0];
  while (issue) {
    path = [...path, ...issue.path];
    if (issue.code === "unrecognized_keys") {
      return { field: pathOf([...path, issue.keys[0] ?? ""]), reason: "is not a known field" };
    }
    if (issue.code !== "invalid_union" || issue.errors.length === 0) break;
    issue = issue.errors.toSorted((a, b) => a.length - b.length)[0]?.[0];
  }
  return { field: pathOf(path) || "lead", reason: issue?.message ?? "is not acceptable" };
}

function readSourceId(row: unknown): string | null {
  if (typeof row !== "object" || row === null || !("sourceId" in row)) return null;
  const parsed = IngestWithdrawal.shape.sourceId.safeParse(row.sourceId);
  return parsed.success ? parsed.data : null;
}

/** Whole years between two calendar dates (YYYY-MM-DD). */
function yearsBetween(from: string, to: string): number {
  const years = Number(to.slice(0, 4)) - Number(from.slice(0, 4));
  return to.slice(5) < from.slice(5) ? years - 1 : years;
}

/** The first thing wrong with the dates of a lead, in words; null when they are plausible. */
function dateProblem(lead: IngestLead, now: Date): { field: string; reason: string } | null {
  for (const field of ["arrestedAt", "magistratedAt"] as const) {
    const at = lead[field] ? Date.parse(lead[field]) : undefined;
    if (at !== undefined && (at < FIRST_YEAR || at > now.getTime() + DAY_MS)) {
      return { field, reason: "must lie between 1900 and tomorrow" };
    }
  }
  const born = lead.dateOfBirth ? Date.parse(lead.dateOfBirth) : undefined;
  if (born !== undefined && (born < FIRST_YEAR || born > now.getTime())) {
    return { field: "dateOfBirth", reason: "must lie between 1900 and today" };
  }
  return null;
}

function isJuvenile(lead: IngestLead, observedAt: Date): boolean {
  if (!lead.dateOfBirth) return false;
  const arrested = new Date(lead.arrestedAt ?? lead.magistratedAt ?? observedAt);
  // Two years more than enough leave no doubt, whatever the day and the zone: most rows need no calendar.
  if (arrested.getUTCFullYear() - Number(lead.dateOfBirth.slice(0, 4)) >= ADULT_AT + 2) return false;
  return yearsBetween(lead.dateOfBirth, localDate(arrested, countyTimeZone(lead.county))) < ADULT_AT;
}

function normalizeContacts(lead: IngestLead): SourceContact[] | { field: string; reason: string } {
  const contacts = new Map<string, SourceContact>();
  for (const [i, { kind, value }] of (lead.contacts ?? []).entries()) {
    const normal = kind === "phone" ? normalizePhone(value) : normalizeEmail(value);
    if (!normal) {
      return {
        field: `contacts[${i}].value`,
        reason: kind === "phone" ? "is no phone number" : "is no e-mail address",
      };
    }
    contacts.set(`${kind}:${normal}`, { kind, value: normal });
  }
  return [...contacts.values()];
}

/** Reads one row of a batch. Never throws: whatever is wrong becomes a rejection that names the field. */
export function parseIngestRow(row: unknown, index: number, at: { now: Date; observedAt: Date }): ParsedRow {
  const reject = (problem: { field: string; reason: string }, code: IngestProblem["code"] = "invalid"): ParsedRow => ({
    kind: "rejected",
    index,
    sourceId: readSourceId(row),
    problem: { code, ...problem },
  });

  if (typeof row === "object" && row !== null && "withdrawnAt" in row) {
    const parsed = IngestWithdrawal.safeParse(row);
    if (!parsed.success) return reject(firstProblem(parsed.error));
    const withdrawnAt = new Date(parsed.data.withdrawnAt);
    if (withdrawnAt.getTime() < FIRST_YEAR || withdrawnAt.getTime() > at.now.getTime() + DAY_MS) {
      return reject({ field: "withdrawnAt", reason: "must lie between 1900 and tomorrow" });
    }
    return { kind: "withdrawal", index, sourceId: parsed.data.sourceId, withdrawnAt };
  }

  const parsed = IngestLead.safeParse(row);
  if (!parsed.success) return reject(firstProblem(parsed.error));
  const implausible = dateProblem(parsed.data, at.now);
  if (implausible) return reject(implausible);
  if (isJuvenile(parsed.data, at.observedAt)) {
    return reject({ field: "dateOfBirth", reason: "the person was under 17 at arrest" }, "juvenile");
  }
  const contacts = normalizeContacts(parsed.data);
  if (!Array.isArray(contacts)) return reject(contacts);
  const lead = toSourceLead(parsed.data);
  return { kind: "lead", index, sourceId: lead.sourceId, lead, contentHash: contentHashOf(lead), contacts };
}

/**
 * Parses a whole batch: of a repeated source id the last good row stays, the indexes of the earlier ones come back apart. A row that tells that the
 * person is a juvenile wins too: what the batch said of them before, without the date of birth, is not kept either.
 */
export function parseBatch(rows: readonly unknown[], at: { now: Date; observedAt: Date }) {
  const parsed = rows.map((row, index) => parseIngestRow(row, index, at));
  const last = new Map<string, number>();
  for (const row of parsed) {
    const decides = row.kind !== "rejected" || row.problem.code === "juvenile";
    if (decides && row.sourceId !== null) last.set(row.sourceId, row.index);
  }
  const superseded = new Set<number>();
  for (const row of parsed) {
    if (row.kind !== "rejected" && last.get(row.sourceId) !== row.index) superseded.add(row.index);
  }
  return { parsed, superseded };
}
