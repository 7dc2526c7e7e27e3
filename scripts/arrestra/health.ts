import path from "node:path";
import { JOBS, JOBS_PER_FIRM, QUEUE_AGE_SECONDS } from "@/lib/contracts/jobs";
import { AUDIT_ALARM_KINDS } from "@/lib/core/audit-alarm";
import { systemClock } from "@/lib/core/clock";
import { DEAD } from "@/lib/core/queue-names";
import { listAuditAlarms } from "@/lib/domain/events/audit-alarms";
import { listSourceHealth } from "@/lib/domain/tenants/source-health";
import { isDatabaseUp, readMigrations } from "@/lib/platform/health";
import { readAllQueues } from "@/lib/platform/queue-health";
import { readMigrations as migrationsOfCode } from "../migration/read-migrations";
import { ROOT } from "../repository";
import { read, type Say } from "./command";

/** A source without a complete pass for so long has nothing new for anybody. */
const SILENT_MS = 24 * 3_600_000;
/** A source that no pass began with for so long is read no more: nothing of it is wrong. */
const LEFT_MS = 14 * SILENT_MS;

/** A line of the answer; what is wrong names its page. */
type Finding = { area: string; words: string; runbook?: string };

/** What /api/health/details shows, judged: ends with 1 when anything is wrong. */
export async function showHealth(args: string[], say: Say): Promise<number> {
  read(args, {});
  const findings = await look(systemClock.now());
  for (const { area, words, runbook } of findings)
    say(
      `${runbook ? "WRONG" : "ok   "}  ${area.padEnd(10)}  ${words}${runbook ? `; docs/runbooks/${runbook}.md` : ""}`,
    );
  const wrong = findings.filter(({ runbook }) => runbook).length;
  say(wrong === 0 ? "All is well." : `${wrong} of ${findings.length} are wrong. Each names the page to follow.`);
  return wrong === 0 ? 0 : 1;
}

async function look(now: Date): Promise<Finding[]> {
  if (!(await isDatabaseUp())) return [{ area: "database", words: "does not answer", runbook: "database-away" }];
  const parts = await Promise.all([lookAtMigrations(), lookAtAlarms(now), lookAtQueues(), lookAtSources(now)]);
  return [{ area: "database", words: "answers" }, ...parts.flat()];
}

async function lookAtMigrations(): Promise<Finding[]> {
  const area = "migrations";
  const state = await readMigrations();
  if (!state) return [{ area, words: "this login may not see them", runbook: "service-down" }];
  const newest = migrationsOfCode(path.join(ROOT, "prisma", "migrations")).at(-1)?.name;
  if (state.unfinished > 0)
    return [{ area, words: `${state.unfinished} began and did not end`, runbook: "service-down" }];
  // A database ahead of the code is a release under way, which old code stands.
  if (newest && (state.last ?? "") < newest)
    return [{ area, words: `the last is ${state.last ?? "none"}, this code needs ${newest}`, runbook: "service-down" }];
  return [{ area, words: `${state.count}, the last is ${state.last}` }];
}

async function lookAtAlarms(now: Date): Promise<Finding[]> {
  const alarms = await listAuditAlarms(now);
  if (alarms.length === 0) return [{ area: "audit", words: "no alarm" }];
  return AUDIT_ALARM_KINDS.flatMap((kind) => {
    const count = alarms.filter((alarm) => alarm.kind === kind).length;
    return count === 0 ? [] : [{ area: "audit", words: `${kind} at ${count} firms`, runbook: "audit-alarm" }];
  });
}

async function lookAtQueues(): Promise<Finding[]> {
  const queues = await readAllQueues(Object.keys(JOBS), JOBS_PER_FIRM);
  if (queues.length === 0) return [{ area: "queues", words: "nothing waits" }];
  return queues.map(({ queue, waiting, active, oldestWaitingSeconds }) => {
    if (queue.endsWith(DEAD))
      return { area: "queues", words: `${queue}: ${waiting} dead letters`, runbook: "dead-letters" };
    const words = `${queue}: ${waiting} waiting, ${active} active, the oldest for ${oldestWaitingSeconds ?? 0} s`;
    const isStuck = (oldestWaitingSeconds ?? 0) > QUEUE_AGE_SECONDS;
    return { area: "queues", words, ...(isStuck ? { runbook: "stuck-jobs" } : {}) };
  });
}

async function lookAtSources(now: Date): Promise<Finding[]> {
  const sources = await listSourceHealth();
  if (sources.length === 0) return [{ area: "sources", words: "none was read yet" }];
  return sources.map(({ source, status, startedAt, lastGoodAt }) => {
    if (now.getTime() - startedAt.getTime() > LEFT_MS)
      return { area: "sources", words: `${source}: not read since ${startedAt.toISOString().slice(0, 10)}` };
    const isSilent = !lastGoodAt || now.getTime() - lastGoodAt.getTime() > SILENT_MS;
    const words = `${source}: ${status}, last complete ${lastGoodAt?.toISOString() ?? "never"}`;
    return { area: "sources", words, ...(status === "failed" || isSilent ? { runbook: "source-silent" } : {}) };
  });
}
