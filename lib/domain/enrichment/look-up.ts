import { setTimeout as delay } from "node:timers/promises";
import type { LookupProblem } from "@/lib/contracts/providers";
import { AppError, VendorError } from "@/lib/core/errors";
import { FailedInPart, inHalves, type Part } from "@/lib/core/in-halves";
import { because } from "@/lib/platform/cause";
import { isUnavailable } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import {
  type AnsweredLookup,
  type CauseOf,
  type Claim,
  type ClaimedLookup,
  claimLookups,
  giveBackSlots,
} from "./claim-lookups";
import { LOOKUPS } from "./providers";
import { type CallOutcome, storeAnswers } from "./store-answers";

/** Rounds of calls go on for so long; then what still waits for a slot gets a job of its own, so that other firms' jobs have their turn. */
const TURN_MS = 10_000;
/** After how long answers that met a busy database are stored once more: asking a provider again costs money. */
const STORE_AGAIN_MS = 1000;

/**
 * Makes the checks of one firm that these ids name: takes slots under the firm's budget, asks the providers with no transaction open, and stores what
 * they say with its event. `causeOf` names the request that asked for a check: its call, event and next try carry that. Safe to run twice and to die at any
 * point: a finished check is left alone, a slot of a dead process is free after 30 s, and nothing is stored twice. What cannot be done now gets a job for later in the same transaction that says so.
 * A check that cannot be taken or stored holds no other up: those are made and stored first.
 * @throws FailedInPart with the ids of the checks that a fault of ours kept from being made.
 */
export async function lookUp(
  ctx: Ctx,
  enrichmentIds: readonly string[],
  causeOf: CauseOf = () => undefined,
): Promise<void> {
  requirePermission(ctx, "enrich:run");
  const began = performance.now();
  const failures: Failures = new Map();
  let left = enrichmentIds;
  let isLastTurn = false;
  while (left.length > 0) {
    const { calls, answered, waiting } = await claim(ctx, left, { isLastTurn, causeOf }, failures);
    const outcomes = await Promise.all(
      calls.map((call) => because({ requestId: causeOf(call.id) ?? ctx.requestId }, () => ask(ctx, call))),
    );
    await store(ctx, [...outcomes, ...answered], causeOf, failures);
    left = waiting;
    // With no slot to be had, all of them are other workers': waiting here would only hold up this one.
    isLastTurn = calls.length === 0 || performance.now() - began > TURN_MS;
  }
  if (failures.size > 0) throw new FailedInPart(failures);
}

/** What failed, by the id of its check. */
type Failures = Map<string, unknown>;

/** Takes what can be taken. */
async function claim(
  ctx: Ctx,
  ids: readonly string[],
  how: { isLastTurn: boolean; causeOf: CauseOf },
  failures: Failures,
): Promise<Claim> {
  const all: Claim = { calls: [], answered: [], waiting: [] };
  for (const part of await inHalves(ids, (some) => claimLookups(ctx, some, how), isUnavailable)) {
    if ("error" in part) for (const id of part.items) failures.set(id, part.error);
    else {
      all.calls.push(...part.result.calls);
      all.answered.push(...part.result.answered);
      all.waiting.push(...part.result.waiting);
    }
  }
  return all;
}

type Answer = CallOutcome | AnsweredLookup;
const isOutcome = (answer: Answer): answer is CallOutcome => "lookup" in answer;
const isBusy = (part: Part<Answer, void>): boolean => "error" in part && isUnavailable(part.error);

/** Stores what can be stored: the answers are paid for, and nobody is asked again because of another one, or of a lock that is held for moments. */
async function store(ctx: Ctx, answers: readonly Answer[], causeOf: CauseOf, failures: Failures): Promise<void> {
  const storeSome = (some: readonly Answer[]) => {
    const answered = some.flatMap((answer) => (isOutcome(answer) ? [] : [answer]));
    return storeAnswers(ctx, some.filter(isOutcome), answered, causeOf);
  };
  const lost: ClaimedLookup[] = [];
  let parts = await inHalves(answers, storeSome, isUnavailable);
  const busy = parts.filter(isBusy).flatMap(({ items }) => items);
  if (busy.length > 0) {
    await delay(STORE_AGAIN_MS);
    parts = [...parts.filter((part) => !isBusy(part)), ...(await inHalves(busy, storeSome, isUnavailable))];
  }
  for (const part of parts) {
    if (!("error" in part)) continue;
    for (const answer of part.items) {
      failures.set(isOutcome(answer) ? answer.lookup.id : answer.id, part.error);
      if (isOutcome(answer)) lost.push(answer.lookup);
    }
  }
  if (lost.length === 0) return;
  // Left to run out, they would hold up the firm's other checks for as long as a dead process does.
  await inTenant(ctx, (tx) => giveBackSlots(tx, ctx, lost)).catch((worse: unknown) =>
    log.warn("slots of look-ups could not be given back", { tenantId: ctx.tenantId, ...failureFields(worse) }),
  );
}

async function ask(ctx: Ctx, lookup: ClaimedLookup): Promise<CallOutcome> {
  if (lookup.value === null) return { lookup, problem: "unreadable" };
  try {
    return { lookup, answer: await LOOKUPS[lookup.provider](lookup.value) };
  } catch (error) {
    const problem = problemOf(error);
    const { provider, id } = lookup;
    const fields = { provider, kind: problem, enrichmentId: id, tenantId: ctx.tenantId, attempt: lookup.attempts + 1 };
    // What a vendor may do is expected; anything else is a fault of ours, and the check must not take it for the vendor's.
    if (error instanceof VendorError || error instanceof AppError) log.warn("a look-up came to nothing", fields);
    else log.error("a look-up failed on our side", { ...fields, ...failureFields(error) });
    return { lookup, problem, retryAfterMs: error instanceof VendorError ? error.retryAfterMs : undefined };
  }
}

function problemOf(error: unknown): LookupProblem {
  if (error instanceof AppError) return "not_configured";
  if (!(error instanceof VendorError)) return "garbled";
  const isKeyRefused = error.kind === "rejected" && (error.status === 401 || error.status === 403);
  return isKeyRefused ? "not_configured" : error.kind;
}
