import { systemClock } from "@/lib/core/clock";
import { cloudWatchAuditLog } from "./cloudwatch-audit-log";
import { env } from "./env";
import { folderAuditLog } from "./folder-audit-log";

/** One sealed event as it is written outside the database: who did what to which row and when, and its link of the chain; never what was in it. */
export type AuditLine = {
  tenantId: string;
  sequence: number;
  eventId: string;
  type: string;
  actorType: string;
  actorId: string;
  leadId: string | null;
  requestId: string;
  occurredAt: string;
  hash: string;
};

/** A place for the lines of sealed events that the database cannot change. A folder of this machine or a log group: both keep the same promises. */
export type AuditLog = {
  /**
   * Writes lines in their order, all of them or it throws: then some may be there, and the same lines come again. A reader tells a line that came twice by its
   * firm, sequence and hash: after the database was restored to an earlier moment, other events take the same numbers.
   */
  write(lines: readonly AuditLine[]): Promise<void>;
};

// One per group and process: a stream of the group belongs to who writes it.
const logs = new Map<string, AuditLog>();

/** Where sealed events are written once more: the log group, or without one a folder. */
export function auditLogOf(): AuditLog {
  const { AUDIT_LOG_GROUP: group, AUDIT_STREAM_DIR: folder } = env();
  const name = group ?? `folder ${folder}`;
  const log =
    logs.get(name) ??
    (group === undefined ? folderAuditLog(folder, systemClock) : cloudWatchAuditLog(group, systemClock));
  logs.set(name, log);
  return log;
}
