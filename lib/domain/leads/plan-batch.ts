import type { IngestOutcome, IngestProblem } from "@/lib/contracts/ingest";
import { newId } from "@/lib/core/ids";
import type { AnyEvent } from "../events/catalog";
import { diffLead } from "./diff-lead";
import type { KnownLead } from "./known-leads";
import { type ChargeColumns, chargeColumns, type LeadColumns, leadColumns, type WriteAt } from "./lead-columns";
import { nextObserveAt } from "./observe-schedule";
import type { ParsedRow, SourceContact } from "./parse-ingest-row";
import type { ObservationColumns } from "./write-leads";

type Outcome = { outcome: IngestOutcome; leadId?: string; problem?: IngestProblem };
type LeadRow = Extract<ParsedRow, { kind: "lead" }>;
type WithdrawalRow = Extract<ParsedRow, { kind: "withdrawal" }>;

/** Everything a batch will write, and how each row ends. */
export type BatchPlan = {
  created: LeadColumns[];
  updated: LeadColumns[];
  charges: ChargeColumns[];
  touched: { id: string; step: number; next_observe_at: string }[];
  withdrawn: { id: string; withdrawn_at: string }[];
  /** Ids of leads that an undone import had closed. */
  reopened: string[];
  /** Ids of known leads that this look made HOT. */
  heated: string[];
  observations: ObservationColumns[];
  contacts: (SourceContact & { leadId: string })[];
  events: AnyEvent[];
  outcomes: Map<number, Outcome>;
};

/** What the plan is made from beside the rows: what the firm holds of them, and when. */
export type BatchFacts = {
  known: ReadonlyMap<string, KnownLead>;
  suppressed: ReadonlySet<string>;
  batchId: string;
  source: string;
  at: WriteAt;
};

/** Decides what a parsed batch changes. Pure but for the new ids. */
export function planBatch(rows: readonly ParsedRow[], facts: BatchFacts): BatchPlan {
  const plan: BatchPlan = {
    created: [],
    updated: [],
    charges: [],
    touched: [],
    withdrawn: [],
    reopened: [],
    heated: [],
    observations: [],
    contacts: [],
    events: [],
    outcomes: new Map(),
  };
  for (const row of rows) {
    if (row.kind === "rejected") continue;
    if (facts.suppressed.has(row.sourceId)) plan.outcomes.set(row.index, { outcome: "suppressed" });
    else if (row.kind === "withdrawal") planWithdrawal(plan, row, facts);
    else planLead(plan, row, facts);
  }
  return plan;
}

function planLead(plan: BatchPlan, row: LeadRow, { known, batchId, source, at }: BatchFacts): void {
  const held = known.get(row.sourceId);
  const leadId = held?.id ?? newId();
  for (const contact of row.contacts) plan.contacts.push({ ...contact, leadId });
  const done = (outcome: IngestOutcome) => plan.outcomes.set(row.index, { outcome, leadId });
  const observe = () =>
    plan.observations.push({ id: newId(), lead_id: leadId, content_hash: row.contentHash, payload: row.lead });

  if (held && at.observedAt < held.observedAt) {
    // An older look is kept as evidence, but what was seen later stands.
    if (row.contentHash !== held.contentHash) observe();
    done("unchanged");
    return;
  }
  if (held && held.contentHash === row.contentHash && !held.withdrawnAt && !held.isTakenBack) {
    const step = held.observeStep + 1;
    plan.touched.push({ id: leadId, step, next_observe_at: nextObserveAt(at.observedAt, step).toISOString() });
    done("unchanged");
    return;
  }
  observe();
  plan.charges.push(...chargeColumns(leadId, row.lead));
  const columns = leadColumns(leadId, row.lead, row.contentHash, held, at);
  if (!held) {
    plan.created.push(columns);
    plan.events.push({ type: "lead.ingested", leadId, data: { source, batchId, charges: row.lead.charges.length } });
    done("created");
    return;
  }
  plan.updated.push(columns);
  if (columns.band === "hot" && held.band !== "hot") plan.heated.push(leadId);
  const observedAt = at.observedAt.toISOString();
  if (held.withdrawnAt) plan.events.push({ type: "lead.reinstated", leadId, data: { batchId, observedAt } });
  if (held.isTakenBack) {
    plan.reopened.push(leadId);
    const data = { from: "dismissed", to: "new", reasonId: null, noteId: null } as const;
    plan.events.push({ type: "lead.status_changed", leadId, data });
  }
  plan.events.push(...diffLead(held, row.lead, { leadId, batchId, observedAt }));
  done("updated");
}

function planWithdrawal(plan: BatchPlan, row: WithdrawalRow, { known, batchId, at }: BatchFacts): void {
  const held = known.get(row.sourceId);
  if (!held) {
    const problem = { code: "invalid" as const, field: "sourceId", reason: "no lead of this source has this id" };
    plan.outcomes.set(row.index, { outcome: "rejected", problem });
    return;
  }
  const leadId = held.id;
  if (held.withdrawnAt || at.observedAt < held.observedAt) {
    plan.outcomes.set(row.index, { outcome: "unchanged", leadId });
    return;
  }
  const withdrawnAt = row.withdrawnAt.toISOString();
  const observedAt = at.observedAt.toISOString();
  plan.withdrawn.push({ id: leadId, withdrawn_at: withdrawnAt });
  plan.observations.push({ id: newId(), lead_id: leadId, content_hash: "withdrawn", payload: { withdrawnAt } });
  plan.events.push({ type: "lead.withdrawn", leadId, data: { batchId, observedAt, withdrawnAt } });
  plan.outcomes.set(row.index, { outcome: "updated", leadId });
}
