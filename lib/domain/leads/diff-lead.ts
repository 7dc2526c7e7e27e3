import type { AnyEvent } from "../events/catalog";
import { keyedCharges, type SourceCharge, type SourceLead } from "./source-lead";

/** Facts that are reported by name when they change; charges have typed events of their own. */
const DETAILS = [
  "name",
  "dateOfBirth",
  "county",
  "arrestedAt",
  "magistratedAt",
  "magistrate",
  "custodyStatus",
  "labels",
] as const satisfies readonly (keyof SourceLead)[];

export type ComparedFacts = Pick<SourceLead, (typeof DETAILS)[number]> & { charges: SourceCharge[] };

type Where = { leadId: string; batchId: string; observedAt: string };

const bail = (charge: SourceCharge) => ({ type: charge.bailType, cents: charge.bailCents });

/**
 * The typed changes between two looks at one form, in the order: charges added and removed, bail, cause numbers, other details. Pure; an empty
 * list means that nothing a person would care about changed.
 */
export function diffLead(before: ComparedFacts, after: ComparedFacts, { leadId, ...at }: Where): AnyEvent[] {
  const events: AnyEvent[] = [];
  const old = keyedCharges(before.charges);
  const now = keyedCharges(after.charges);

  for (const [key, charge] of now) {
    if (!old.has(key)) {
      events.push({ type: "lead.charge_added", leadId, data: { ...at, offense: charge.offense, bail: bail(charge) } });
    }
  }
  for (const [key, charge] of old) {
    if (!now.has(key)) {
      events.push({
        type: "lead.charge_removed",
        leadId,
        data: { ...at, offense: charge.offense, bail: bail(charge) },
      });
    }
  }
  for (const [key, charge] of now) {
    const was = old.get(key);
    if (!was) continue;
    const { offense } = charge;
    if (was.bailType !== charge.bailType || was.bailCents !== charge.bailCents) {
      events.push({ type: "lead.bail_changed", leadId, data: { ...at, offense, from: bail(was), to: bail(charge) } });
    }
    if (was.causeNumber === charge.causeNumber) continue;
    if (was.causeNumber === null && charge.causeNumber !== null) {
      const { causeNumber } = charge;
      events.push({ type: "lead.cause_number_assigned", leadId, data: { ...at, offense, causeNumber } });
    } else if (was.causeNumber !== null) {
      const data = { ...at, offense, from: was.causeNumber, to: charge.causeNumber };
      events.push({ type: "lead.cause_number_changed", leadId, data });
    }
  }

  const fields = DETAILS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  if (fields.length > 0) events.push({ type: "lead.details_changed", leadId, data: { ...at, fields } });
  return events;
}
