import type { ScoreReason } from "@/lib/contracts/leads";
import { formatCents } from "@/lib/core/money";
import { OFFENSE_CLASS_WORDS, type OffenseClass, type OffenseFamily, offenseFamilyOf } from "@/lib/core/offense";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What the score may know. Only case facts: race, sex, photo, name and ZIP code are not here and cannot enter. */
export type ScoreFacts = {
  charges: readonly { offense: string; class: OffenseClass }[];
  topClass: OffenseClass;
  bailTotalCents: number | null;
  bailDenied: number;
  arrestedAt: Date | null;
  magistratedAt: Date | null;
};

/** A score with what made it, most points first. */
export type Score = {
  score: number;
  reasons: ScoreReason[];
  /** When time alone changes the score next; null when it never does. */
  changesAt: Date | null;
};

/** Never less for a graver class; every felony but the state jail kind gives all there is to give. */
const CLASS_POINTS: Record<OffenseClass, number> = {
  FC: 30,
  F1: 30,
  F2: 30,
  F3: 30,
  FS: 26,
  MA: 24,
  MB: 16,
  MC: 4,
  unknown: 12,
};
const FAMILY_POINTS: Record<OffenseFamily, { points: number; label: string }> = {
  dwi: { points: 15, label: "DWI" },
  family: { points: 12, label: "Family violence" },
  violence: { points: 12, label: "Violence" },
  drugs: { points: 11, label: "Drugs" },
  weapon: { points: 9, label: "Weapon" },
  theft: { points: 7, label: "Theft or burglary" },
  other: { points: 4, label: "Other" },
};
/** From this many cents on, these points. */
const BAIL_STEPS = [
  { from: 5_000_000, points: 20 },
  { from: 2_000_000, points: 16 },
  { from: 1_000_000, points: 13 },
  { from: 500_000, points: 10 },
  { from: 200_000, points: 7 },
  { from: 50_000, points: 4 },
  { from: 1, points: 2 },
  { from: 0, points: 1 },
] as const;
const COUNT_POINTS = [0, 2, 6, 8, 10] as const;
/** Up to this long after arrest, these points. */
const ARREST_STEPS = [
  { until: 12 * HOUR, points: 13 },
  { until: 24 * HOUR, points: 11 },
  { until: 48 * HOUR, points: 8 },
  { until: 72 * HOUR, points: 5 },
  { until: 7 * DAY, points: 3 },
] as const;
/** ALR hearing request: 15 days after a DWI suspension notice, taken as given at arrest (Transp. Code 524.031, 724.041). */
const ALR_MS = 15 * DAY;
const ALR_STEPS = [
  { left: 3 * DAY, points: 12 },
  { left: 7 * DAY, points: 11 },
  { left: ALR_MS, points: 9 },
] as const;
/** Magistration is due within 48 hours of arrest (Code of Crim. Proc. 15.17). */
const MAGISTRATION_MS = 48 * HOUR;
const MAGISTRATION_POINTS = 8;

type Timed = { reason: ScoreReason | null; changesAt: number | null };

function arrestReason(facts: ScoreFacts, now: number): Timed {
  if (!facts.arrestedAt) return { reason: null, changesAt: null };
  const age = Math.max(0, now - facts.arrestedAt.getTime());
  const step = ARREST_STEPS.find(({ until }) => age < until);
  if (!step) return { reason: null, changesAt: null };
  const hours = step.until / HOUR;
  return {
    reason: {
      rule: "hours_since_arrest",
      label: "Hours since arrest",
      detail: hours <= 72 ? `under ${hours}` : "under 7 days",
      points: step.points,
      max: 13,
    },
    changesAt: facts.arrestedAt.getTime() + step.until,
  };
}

function clockReason(facts: ScoreFacts, now: number): Timed {
  const arrested = facts.arrestedAt?.getTime();
  if (arrested === undefined) return { reason: null, changesAt: null };
  const clock = { rule: "legal_clock", label: "Legal clock open", max: 12 };
  const isDwi = facts.charges.some((charge) => offenseFamilyOf(charge.offense) === "dwi");
  const left = arrested + ALR_MS - now;
  if (isDwi && left > 0) {
    const index = ALR_STEPS.findIndex((step) => left <= step.left);
    const step = ALR_STEPS[index] ?? ALR_STEPS[2];
    const nextLeft = ALR_STEPS[index - 1]?.left ?? 0;
    const days = step.left / DAY;
    return {
      reason: { ...clock, detail: `ALR request, within ${days} days`, points: step.points },
      changesAt: arrested + ALR_MS - nextLeft,
    };
  }
  if (!facts.magistratedAt && now < arrested + MAGISTRATION_MS) {
    return {
      reason: { ...clock, detail: "magistration within 48 hours", points: MAGISTRATION_POINTS },
      changesAt: arrested + MAGISTRATION_MS,
    };
  }
  return { reason: null, changesAt: null };
}

function bailReason(facts: ScoreFacts): ScoreReason | null {
  const rule = { rule: "bail", label: "Bail", max: 20 };
  if (facts.bailDenied > 0) return { ...rule, detail: "denied", points: 14 };
  const cents = facts.bailTotalCents;
  if (cents === null) return null;
  const points = BAIL_STEPS.find(({ from }) => cents >= from)?.points ?? 0;
  return { ...rule, detail: `${formatCents(cents)} in all`, points };
}

function familyReason(facts: ScoreFacts): ScoreReason | null {
  const families = facts.charges.map((charge) => FAMILY_POINTS[offenseFamilyOf(charge.offense)]);
  const best = families.toSorted((a, b) => b.points - a.points)[0];
  return best
    ? { rule: "offense_family", label: "Offense family", detail: best.label, points: best.points, max: 15 }
    : null;
}

/**
 * 0 to 100 with its reasons, points out of what each could give; the maxima add up to 100. Pure and table-driven. What depends on time says
 * when it changes next, so that a lead cools without any write by a person.
 */
export function scoreLead(facts: ScoreFacts, at: Date): Score {
  const now = at.getTime();
  const arrest = arrestReason(facts, now);
  const clock = clockReason(facts, now);
  const count = facts.charges.length;
  const reasons = [
    count > 0
      ? {
          rule: "highest_charge",
          label: "Highest charge",
          detail: OFFENSE_CLASS_WORDS[facts.topClass],
          points: CLASS_POINTS[facts.topClass],
          max: 30,
        }
      : null,
    bailReason(facts),
    familyReason(facts),
    count > 1
      ? {
          rule: "several_charges",
          label: "Several charges",
          detail: String(count),
          points: COUNT_POINTS[Math.min(count, 4)] ?? 10,
          max: 10,
        }
      : null,
    clock.reason,
    arrest.reason,
  ].filter((reason): reason is ScoreReason => reason !== null);
  const changes = [arrest.changesAt, clock.changesAt].filter((ms): ms is number => ms !== null);
  return {
    score: reasons.reduce((sum, reason) => sum + reason.points, 0),
    reasons: reasons.toSorted((a, b) => b.points - a.points),
    changesAt: changes.length > 0 ? new Date(Math.min(...changes)) : null,
  };
}
