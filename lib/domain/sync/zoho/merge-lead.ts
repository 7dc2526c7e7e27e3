import { CRM_FACTS, type CrmFact, type CrmField, type CrmRule } from "@/lib/contracts/connections";
import { AppError } from "@/lib/core/errors";
import { REASON_REQUIRED, STATUS_MOVES } from "@/lib/core/lead-status";
import { baseAfterLook, meetField, mergeField } from "@/lib/core/merge-fields";
import type { ListedLead } from "@/lib/integrations/zoho";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { addContact } from "../../enrichment/contacts";
import { changeLeadStatus } from "../../leads/change-status";
import type { Crm } from "./crm";
import { type CrmLead, changedAt, factOf } from "./crm-facts";
import { type CrmSnapshot, comparable, digestOf, statusesOf } from "./crm-values";

/** True for a line of the mapping whose changes there come back to us. */
export const isPulled = ({ ours }: CrmField): boolean => CRM_FACTS[ours].isPulled;

/** How a conflict was decided. */
export type Decided = { field: CrmFact; rule: CrmRule; kept: "ours" | "theirs" };

/**
 * Takes over what people changed in a record there: each field by three values and its rule, each independent of the others. Values are compared as keyed
 * digests, so an echo of our own writing is no change. `isFirst`: the record was there before we ever wrote it, so every mapped field is looked at, also those
 * whose changes there do not come back to us.
 */
export async function mergeLead(
  tx: Tx,
  ctx: Ctx,
  crm: Crm,
  {
    lead,
    record,
    snapshot,
    isFirst = false,
  }: { lead: CrmLead; record: ListedLead; snapshot: CrmSnapshot; isFirst?: boolean },
): Promise<{ snapshot: CrmSnapshot; decided: Decided[]; isToPush: boolean }> {
  const { tenantId, clock } = ctx;
  const next: CrmSnapshot = { ...snapshot };
  const decided: Decided[] = [];
  let isToPush = false;
  for (const line of crm.mapping) {
    const { ours: fact, theirs: name, rule } = line;
    if (!(name in record.fields) || !(isFirst || isPulled(line))) continue;
    const value = record.fields[name];
    const options = crm.fields.get(name)?.options ?? [];
    const mine = factOf(fact, lead, { options, snapshot, tenantId });
    const sides = {
      base: snapshot[fact],
      ours: digestOf(tenantId, fact, mine),
      theirs: digestOf(tenantId, fact, value),
      rule,
      oursAt: changedAt(fact, lead, snapshot, tenantId),
      theirsAt: record.modifiedAt,
    };
    const verdict = isFirst ? meetField(sides) : mergeField(sides);
    const isTaken = verdict.take === "theirs" && (await take(tx, ctx, lead, fact, String(value ?? ""), options));
    next[fact] = { ...baseAfterLook(sides, verdict, isTaken), at: clock.now().toISOString() };
    isToPush ||= verdict.take === "ours" && mine !== undefined;
    // What is not pulled stays there as it is, and here as it is.
    const isKeptThere = verdict.take === "theirs" && (isTaken || !isPulled(line));
    if (verdict.isConflict) decided.push({ field: fact, rule, kept: isKeptThere ? "theirs" : "ours" });
  }
  return { snapshot: next, decided, isToPush };
}

/** True when ours is now what theirs is. What cannot be taken (a move that is not allowed, an emptied field, no real number) leaves ours as it is. */
async function take(
  tx: Tx,
  ctx: Ctx,
  lead: CrmLead,
  fact: CrmFact,
  value: string,
  options: readonly string[],
): Promise<boolean> {
  try {
    if (fact === "status") return await takeStatus(tx, ctx, lead, value, options);
    if (fact === "phone" || fact === "email") return await takeContact(tx, ctx, lead, fact, value);
    return false;
  } catch (error) {
    if (error instanceof AppError && error.code !== "internal" && error.code !== "unavailable") return false;
    throw error;
  }
}

async function takeStatus(tx: Tx, ctx: Ctx, lead: CrmLead, word: string, options: readonly string[]): Promise<boolean> {
  const to = statusesOf(word, options).find((status) => STATUS_MOVES[lead.status].includes(status));
  if (!to) return false;
  const reason = REASON_REQUIRED.includes(to) ? { reason: "Set in Zoho CRM." } : {};
  await changeLeadStatus({ ...ctx, tx }, { leadId: lead.id, to, ...reason });
  return true;
}

/**
 * A number or address that the firm's people wrote into their CRM. It may be held because the person contacted the firm: only leads whose person answered or
 * booked stand in the CRM by us. It is added beside the others, since what was held before may still be right.
 */
async function takeContact(tx: Tx, ctx: Ctx, lead: CrmLead, kind: "phone" | "email", value: string): Promise<boolean> {
  if (comparable(kind, value) === null) return false;
  const input = { kind, value, givenBy: "Zoho CRM", basis: "person_contacted_firm", check: false } as const;
  await addContact({ ...ctx, tx }, lead.id, input);
  return true;
}
