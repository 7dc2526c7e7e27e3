/** Whose word counts when both sides changed a field. */
export type MergeRule = "ours" | "theirs" | "newest";

/** What both sides knew when they last agreed, as digests: what we last gave, and what we last saw there. Undefined: they never agreed. */
export type FieldBase = { pushed: string | null; seen: string | null };

/** One field that stands on two sides. Values are compared, never read: texts, or digests of them. */
export type FieldSides = {
  base: FieldBase | undefined;
  ours: string | null;
  theirs: string | null;
  rule: MergeRule;
  /** When each side last changed it; null when nobody knows, which is earlier than any time. */
  oursAt: Date | null;
  theirsAt: Date | null;
};

/** `none`: nothing is to be done. `ours` is to be given to them, `theirs` to be taken. A conflict is one where both had changed it to different values. */
export type FieldVerdict = { take: "none" | "ours" | "theirs"; isConflict: boolean };

/**
 * Decides one field by three values: ours, theirs, and what each side had when they agreed. Only a change counts: who changed nothing gets the other's
 * change, whatever the rule. The rule decides when both changed. Equal values are no conflict, however they came about.
 */
export function mergeField({ base, ours, theirs, rule, oursAt, theirsAt }: FieldSides): FieldVerdict {
  if (ours === theirs) return { take: "none", isConflict: false };
  const isOurs = base === undefined || ours !== base.pushed;
  const isTheirs = base === undefined || theirs !== base.seen;
  // Both as they were, and different: one side could not take what the other has. Nobody is asked again.
  if (!isOurs && !isTheirs) return { take: "none", isConflict: false };
  if (!isTheirs) return { take: "ours", isConflict: false };
  if (!isOurs) return { take: "theirs", isConflict: false };
  if (rule !== "newest") return { take: rule, isConflict: true };
  const isNewer = (theirsAt?.getTime() ?? Number.NEGATIVE_INFINITY) > (oursAt?.getTime() ?? Number.NEGATIVE_INFINITY);
  return { take: isNewer ? "theirs" : "ours", isConflict: true };
}

/**
 * Decides one field of two that meet for the first time: nobody knows who changed what. Whoever has a value gives it to the one who has none; where both have
 * one, theirs stays unless the rule says ours. `newest` is theirs too: a record bears one time for all its fields, which says nothing of this one.
 */
export function meetField({ ours, theirs, rule }: Pick<FieldSides, "ours" | "theirs" | "rule">): FieldVerdict {
  if (ours === theirs) return { take: "none", isConflict: false };
  if (ours === null) return { take: "theirs", isConflict: false };
  if (theirs === null) return { take: "ours", isConflict: false };
  return { take: rule === "ours" ? "ours" : "theirs", isConflict: true };
}

/**
 * What both sides know after a look at theirs. `isTaken`: their value was taken over here; where it could not be (a status that is no allowed move), both keep
 * their own and it is not tried again until one changes.
 */
export function baseAfterLook(
  { base, ours, theirs }: Pick<FieldSides, "base" | "ours" | "theirs">,
  { take }: FieldVerdict,
  isTaken: boolean,
): FieldBase {
  if (ours === theirs || (take === "theirs" && isTaken)) return { pushed: theirs, seen: theirs };
  // What they have now is what ours is different from: it is given at the next push.
  if (take === "ours") return { pushed: theirs, seen: theirs };
  if (take === "theirs") return { pushed: ours, seen: theirs };
  return base ?? { pushed: null, seen: theirs };
}

/** What both sides know after ours was written there. */
export const baseAfterPush = (ours: string | null): FieldBase => ({ pushed: ours, seen: ours });

/** True when ours is not what was last given: only such fields are written, so that what people changed there stays. */
export const isToPush = (base: FieldBase | undefined, ours: string | null): boolean =>
  base === undefined ? ours !== null : ours !== base.pushed;
