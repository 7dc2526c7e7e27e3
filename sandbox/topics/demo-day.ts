import { amend } from "./demo/amendments";
import { buildForm, drawAmendment, type FiledForm } from "./demo/build-form";
import { chance } from "./demo/chance";
import type { Form } from "./form";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How each county's demo day runs. Ids of a county's two streams never meet, and never meet those of the scenarios. */
const COUNTIES = {
  Travis: { everyHours: 3.5, liveEveryMinutes: 2, idsFrom: 20_000_000, liveIdsFrom: 50_000_000, peopleFrom: 0 },
  Hays: { everyHours: 10, liveEveryMinutes: 6, idsFrom: 30_000_000, liveIdsFrom: 60_000_000, peopleFrom: 530 },
  Williamson: { everyHours: 10, liveEveryMinutes: 6, idsFrom: 40_000_000, liveIdsFrom: 70_000_000, peopleFrom: 1060 },
} as const;
export const DEMO_COUNTIES = Object.keys(COUNTIES) as (keyof typeof COUNTIES)[];

/** The site already has this much behind it when it first opens. */
const PAST_DAYS = 10;
/** A start brings this much that was filed just before it, and then this much while someone watches. */
const LIVE_BEFORE_MS = 20 * MINUTE_MS;
const LIVE_AFTER_MS = 3 * HOUR_MS;
/** One step of the demo: a form appears in Travis, another is amended. */
export const DEMO_STEP_MS = 2 * MINUTE_MS;

/**
 * The forms of a county's demo day at a moment, oldest first.
 *
 * The day is a pure function of the clock and of when the sandbox was started (`starts`, earliest first). A thin stream runs day and night
 * since ten days before the first start; every start adds three hours in which something happens every two minutes. Because both hang on
 * absolute time, a form seen yesterday is there today under the same id, whatever was stopped in between.
 */
export function demoForms(county: string, now: Date, starts: readonly Date[]): Form[] {
  const plan = COUNTIES[county as keyof typeof COUNTIES];
  const first = starts[0];
  if (!plan || !first) return [];
  const filed: FiledForm[] = [];
  const slow = plan.everyHours * HOUR_MS;
  eachSlot(first.getTime() - PAST_DAYS * DAY_MS, now.getTime(), slow, (slot) => {
    const filedAt = new Date(slot * slow + Math.floor(chance(plan.idsFrom + slot)() * slow));
    if (filedAt <= now) filed.push(buildForm(county, plan.idsFrom + slot, plan.peopleFrom + slot, filedAt));
  });
  const live = plan.liveEveryMinutes * MINUTE_MS;
  const moves: { at: Date; slot: number }[] = [];
  for (const slot of liveSlots(starts, now, live)) {
    const at = new Date(slot * live);
    // The stream of live forms counts from 2020, so that ids stay short.
    const sinceThen = slot - Math.floor(Date.UTC(2020, 0, 1) / live);
    moves.push({ at, slot });
    filed.push(buildForm(county, plan.liveIdsFrom + sinceThen, plan.peopleFrom + sinceThen + 265, at));
  }
  filed.sort((a, b) => a.filedAt.getTime() - b.filedAt.getTime());
  const forms: (Form | null)[] = filed.map((each) =>
    each.later.filter((change) => change.at <= now).reduce((form, change) => amend(form, change.amendment), each.form),
  );
  for (const { at, slot } of moves) moveOne(forms, filed, at, slot);
  return forms.filter((form) => form !== null);
}

/** Amends one of the forms that were there at that moment, chosen by the slot's number; now and then a form of before yesterday is withdrawn. */
function moveOne(forms: (Form | null)[], filed: FiledForm[], at: Date, slot: number): void {
  let present = 0;
  while (present < filed.length && (filed[present] as FiledForm).filedAt < at) present++;
  const index = Math.floor(chance(slot)() * present);
  const form = forms[index];
  const old = at.getTime() - (filed[index]?.filedAt ?? at).getTime() > 2 * DAY_MS;
  if (old && slot % 25 === 0) forms[index] = null;
  else if (form) forms[index] = amend(form, drawAmendment(form, slot, at.getUTCFullYear()));
}

function liveSlots(starts: readonly Date[], now: Date, every: number): number[] {
  const slots = new Set<number>();
  for (const start of starts) {
    const until = Math.min(now.getTime(), start.getTime() + LIVE_AFTER_MS);
    eachSlot(start.getTime() - LIVE_BEFORE_MS, until, every, (slot) => slots.add(slot));
  }
  return [...slots].sort((a, b) => a - b);
}

/** Calls with the number of every slot that begins in (from, until]. */
function eachSlot(from: number, until: number, every: number, visit: (slot: number) => void): void {
  for (let slot = Math.floor(from / every) + 1; slot * every <= until; slot++) visit(slot);
}
