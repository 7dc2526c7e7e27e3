import type { AuditAlarmKind } from "@/lib/core/audit-alarm";
import { asPlatform } from "../context/in-tenant";

/** An event is sealed within seconds. */
const UNSEALED_MS = 60_000;
/** A head is signed every five minutes. */
const HEAD_LATE_MS = 15 * 60_000;
/** Chains are verified every night. */
const UNVERIFIED_MS = 36 * 3_600_000;
/** Somebody looks every minute. */
const UNWATCHED_MS = 5 * 60_000;

/** What the last look at a firm's chain found; all null before the first one. */
export type AuditState = {
  createdAt: Date;
  watchedAt: Date | null;
  unsealedSince: Date | null;
  headDueSince: Date | null;
  verifiedAt: Date | null;
  problem: string | null;
  problemSince: Date | null;
};

/** The alarms of a state at a moment, gravest first; `since` is when it began. */
export function alarmsOf(state: AuditState, now: Date): { kind: AuditAlarmKind; since: Date }[] {
  const isOlder = (at: Date | null, ms: number): at is Date => at !== null && now.getTime() - at.getTime() > ms;
  const alarms: { kind: AuditAlarmKind; since: Date }[] = [];
  if (state.problem) alarms.push({ kind: "broken", since: state.problemSince ?? now });
  if (isOlder(state.unsealedSince, UNSEALED_MS)) alarms.push({ kind: "unsealed", since: state.unsealedSince });
  if (isOlder(state.headDueSince, HEAD_LATE_MS)) alarms.push({ kind: "head_late", since: state.headDueSince });
  const verifiedAt = state.verifiedAt ?? state.createdAt;
  if (isOlder(verifiedAt, UNVERIFIED_MS)) alarms.push({ kind: "unverified", since: verifiedAt });
  const watchedAt = state.watchedAt ?? state.createdAt;
  if (isOlder(watchedAt, UNWATCHED_MS)) alarms.push({ kind: "unwatched", since: watchedAt });
  return alarms;
}

/** An alarm as operators see it. `problem`, `sequence` and `eventId` name the first bad row of a broken chain. */
export type AuditAlarm = {
  tenantId: string;
  slug: string;
  name: string;
  kind: AuditAlarmKind;
  since: Date;
  problem: string | null;
  sequence: number | null;
  eventId: string | null;
};

type Row = AuditState & {
  tenantId: string;
  slug: string;
  name: string;
  problemSequence: bigint | null;
  problemEventId: string | null;
};

/** The alarms of every firm that is still here, shut ones too: their history is as much evidence as before. */
export async function listAuditAlarms(now: Date): Promise<AuditAlarm[]> {
  const rows = await asPlatform(
    "audit alarms",
    (tx) => tx.$queryRaw<Row[]>`
      SELECT t.id AS "tenantId", t.slug, t.name, t.created_at AS "createdAt", w.watched_at AS "watchedAt",
             w.unsealed_since AS "unsealedSince", w.head_due_since AS "headDueSince", w.verified_at AS "verifiedAt", w.problem,
             w.problem_since AS "problemSince", w.problem_sequence AS "problemSequence", w.problem_event_id AS "problemEventId"
      FROM tenant t LEFT JOIN audit_watch w ON w.tenant_id = t.id ORDER BY t.slug`,
  );
  return rows.flatMap(({ tenantId, slug, name, ...row }) =>
    alarmsOf(row, now).map(({ kind, since }): AuditAlarm => {
      const isBroken = kind === "broken";
      return {
        tenantId,
        slug,
        name,
        kind,
        since,
        problem: isBroken ? row.problem : null,
        sequence: isBroken && row.problemSequence !== null ? Number(row.problemSequence) : null,
        eventId: isBroken ? row.problemEventId : null,
      };
    }),
  );
}
