import { LIST_PRICES, type LookupProblem, PROVIDERS, type ProviderName } from "@/lib/contracts/providers";
import { afterCommit, Prisma, type Tx } from "@/lib/platform/db";
import { countMetrics } from "@/lib/platform/metrics";
import type { Ctx } from "../context/ctx";
import { enqueueEach } from "../context/enqueue";
import { inTenant } from "../context/in-tenant";
import type { AnyEvent } from "../events/catalog";
import { recordEvents } from "../events/record-events";
import { lockLeads, refreshContactStates } from "../leads/contact-state";
import { answerWords } from "../leads/enrichment-words";
import { type AnsweredLookup, type CauseOf, type ClaimedLookup, giveBackSlots } from "./claim-lookups";
import { notePause, type Pausing } from "./pause";
import type { LookupAnswer } from "./providers";
import { decideRetry } from "./retry-policy";

/** How a call went. */
export type CallOutcome = { lookup: ClaimedLookup } & (
  | { answer: LookupAnswer }
  | { problem: LookupProblem; retryAfterMs?: number }
);

type Change = {
  id: string;
  state: string;
  result: unknown;
  problem: string | null;
  attempts: number;
  next_attempt_at: Date | null;
  checked_at: Date | null;
  expires_at: Date | null;
};
type Step = { change: Change; retryAt?: Date; event?: AnyEvent; leadId: string };

/**
 * Stores what came of a round of calls, with its events, the next tries' jobs, the leads' contact states and the provider's pause, in one transaction;
 * gives the slots back. A check that is not pending any more (another worker was faster, the contact is gone) is left as it is.
 */
export async function storeAnswers(
  ctx: Ctx,
  outcomes: readonly CallOutcome[],
  answered: readonly AnsweredLookup[],
  causeOf: CauseOf,
): Promise<void> {
  if (outcomes.length + answered.length === 0) return;
  await inTenant(ctx, async (tx) => {
    await notePause(tx, ctx, outcomes.map(toPausing));
    await lockLeads(tx, ctx, [...outcomes.map(({ lookup }) => lookup.leadId), ...answered.map(({ leadId }) => leadId)]);
    const rests = await countRests(tx, ctx, outcomes);
    const now = ctx.clock.now();
    const steps = [
      ...outcomes.map((outcome) => stepOf(outcome, now, rests.get(outcome.lookup.contactId) ?? 0)),
      ...answered.map(copyStep),
    ];
    const written = await writeChanges(
      tx,
      ctx,
      steps.map((step) => step.change),
    );
    await giveBackSlots(
      tx,
      ctx,
      outcomes.map(({ lookup }) => lookup),
    );
    const done = steps.filter((step) => written.has(step.change.id));
    await recordEvents(
      tx,
      ctx,
      done.flatMap(({ event, change }) => (event ? [{ ...event, requestId: causeOf(change.id) }] : [])),
    );
    const retries = done.flatMap(({ change, retryAt }) =>
      retryAt
        ? [
            {
              payload: { tenantId: ctx.tenantId, enrichmentId: change.id },
              startAfter: retryAt,
              requestId: causeOf(change.id),
            },
          ]
        : [],
    );
    await enqueueEach(tx, "enrichment.lookup", retries);
    await refreshContactStates(tx, ctx, [...new Set(done.map((step) => step.leadId))]);
    const paid = outcomes.filter(
      (outcome) => "answer" in outcome && isCharged(outcome.lookup.provider, outcome.answer),
    );
    const cost = paid.reduce((sum, { lookup }) => sum + LIST_PRICES[lookup.provider].microUsd, 0);
    afterCommit(tx, () => countMetrics({ LookupsAnswered: paid.length, LookupCostMicroUsd: cost }));
  });
}

/** Whether the provider charges for what it said. */
function isCharged(provider: ProviderName, answer: LookupAnswer): boolean {
  return LIST_PRICES[provider].chargedFor.includes(
    answer.state === "not_found" ? "not_found" : answer.unsure ? "unsure" : "found",
  );
}

function toPausing(outcome: CallOutcome): Pausing {
  const provider = outcome.lookup.provider;
  return "answer" in outcome
    ? { provider }
    : { provider, problem: outcome.problem, retryAfterMs: outcome.retryAfterMs };
}

/** How often in the last two weeks a contact's check came to nothing: the schedule asks ever more seldom. */
async function countRests(tx: Tx, ctx: Ctx, outcomes: readonly CallOutcome[]): Promise<Map<string, number>> {
  const ids = outcomes.filter((outcome) => "problem" in outcome).map(({ lookup }) => lookup.contactId);
  if (ids.length === 0) return new Map();
  const since = new Date(ctx.clock.now().getTime() - 14 * 86_400_000);
  const rows = await tx.$queryRaw<{ contact_id: string; count: number }[]>(Prisma.sql`
    SELECT contact_id, count(*)::int AS count FROM enrichment
    WHERE tenant_id = ${ctx.tenantId}::uuid AND contact_id = ANY(${ids}::uuid[]) AND requested_at > ${since}
      AND state IN ('failed', 'refused') GROUP BY contact_id`);
  return new Map(rows.map((row) => [row.contact_id, row.count]));
}

const vendorOf = ({ id, provider, contactId }: { id: string; provider: string; contactId: string }) => ({
  provider,
  contactId,
  enrichmentId: id,
});

function stepOf(outcome: CallOutcome, now: Date, rests: number): Step {
  const { lookup } = outcome;
  const { attempts, requestedAt, leadId } = lookup;
  const change = { id: lookup.id, result: null, checked_at: null, expires_at: null, next_attempt_at: null };
  if ("answer" in outcome) {
    const { answer } = outcome;
    const unsure = answer.state === "found" && answer.unsure === true;
    const verdict = unsure ? decideRetry("unsure", { attempts, requestedAt, now }) : null;
    if (verdict && "retryAt" in verdict && answer.state === "found") {
      const later = {
        ...change,
        state: "pending",
        result: answer.result,
        problem: "unsure",
        attempts: verdict.attempts,
      };
      return { leadId, change: { ...later, next_attempt_at: verdict.retryAt }, retryAt: verdict.retryAt };
    }
    return answerStep(lookup, answer, now, unsure);
  }
  const { problem, retryAfterMs } = outcome;
  const verdict = decideRetry(problem, { attempts, requestedAt, now, retryAfterMs, rests });
  const failed = { ...change, problem, attempts: verdict.attempts };
  if ("retryAt" in verdict) {
    return {
      leadId,
      change: { ...failed, state: "pending", next_attempt_at: verdict.retryAt },
      retryAt: verdict.retryAt,
    };
  }
  return {
    leadId,
    change: { ...failed, state: verdict.final, next_attempt_at: verdict.restUntil },
    event: { type: "lead.enrichment_failed", leadId, data: { ...vendorOf(lookup), kind: problem } },
  };
}

function answerStep(lookup: ClaimedLookup, answer: LookupAnswer, now: Date, unsure: boolean): Step {
  const { id, leadId, provider, attempts } = lookup;
  const { freshForMs, unsureForMs, result: schema } = PROVIDERS[provider];
  // Parsed once more where it goes to rest: what is stored is what the contract says.
  const result = answer.state === "found" ? schema.parse(answer.result) : null;
  const words = answerWords(provider, answer.state, result);
  return {
    leadId,
    change: {
      id,
      state: answer.state,
      result,
      problem: null,
      attempts: attempts + 1,
      next_attempt_at: null,
      checked_at: now,
      expires_at: new Date(now.getTime() + (unsure ? unsureForMs : freshForMs)),
    },
    event: { type: "lead.enriched", leadId, data: { ...vendorOf(lookup), state: answer.state, words } },
  };
}

function copyStep(lookup: AnsweredLookup): Step {
  const { id, leadId, provider, state, result } = lookup;
  const words = answerWords(provider, state, result);
  return {
    leadId,
    change: {
      id,
      state,
      result,
      problem: null,
      attempts: 0,
      next_attempt_at: null,
      checked_at: lookup.checkedAt,
      expires_at: lookup.expiresAt,
    },
    event: { type: "lead.enriched", leadId, data: { ...vendorOf(lookup), state, words } },
  };
}

async function writeChanges(tx: Tx, ctx: Ctx, changes: readonly Change[]): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    UPDATE enrichment e SET state = r.state, result = coalesce(r.result, e.result), problem = r.problem, attempts = r.attempts,
      next_attempt_at = r.next_attempt_at, checked_at = r.checked_at, expires_at = r.expires_at
    FROM jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) AS r(id uuid, state text, result jsonb, problem text, attempts integer,
      next_attempt_at timestamptz, checked_at timestamptz, expires_at timestamptz)
    WHERE e.tenant_id = ${ctx.tenantId}::uuid AND e.id = r.id AND e.state = 'pending' RETURNING e.id`);
  return new Set(rows.map((row) => row.id));
}
