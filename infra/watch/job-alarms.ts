import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { FargateService } from "aws-cdk-lib/aws-ecs";
import { JOBS, QUEUE_AGE_SECONDS } from "@/lib/contracts/jobs";
import { namesOf } from "../base/queues";
import type { BackgroundStack } from "../run/background-stack";
import type { alarmsTo } from "./alarm";
import { counted, deadLetters, queueAge, told } from "./metrics";

export function jobAlarms(alarm: ReturnType<typeof alarmsTo>, { background }: BackgroundStack): void {
  alarm("StuckJobs", {
    slug: "stuck-jobs",
    says: "The oldest job has waited longer than 5 minutes for 10 minutes, or nobody says how long",
    metric: queueAge(),
    above: QUEUE_AGE_SECONDS,
    periods: 10,
    silenceIsBad: true,
  });
  alarm("DeadLetters", {
    slug: "dead-letters",
    says: "A job has failed as often as it may",
    metric: deadLetters(),
    above: 0,
    periods: 1,
  });
  alarm("AuditTrail", {
    slug: "audit-alarm",
    says: "An audit trail is broken, unsealed, unsigned or unverified",
    metric: told("AuditAlarms"),
    above: 0,
    periods: 1,
  });
  alarm("AuditStreamBehind", {
    slug: "audit-alarm",
    says: "Sealed events have waited longer than a quarter of an hour to be written outside the database",
    metric: told("AuditStreamLagSeconds", "Maximum"),
    above: 900,
    periods: 2,
  });
  alarm("AlertsFailed", {
    slug: "vendor-down",
    says: "More than five alerts were given up within a quarter of an hour",
    metric: told("AlertsFailed", "Sum", Duration.minutes(15)),
    above: 5,
    periods: 1,
  });
  alarm("FilesFailing", {
    slug: "files-failing",
    says: "Exports or imports have failed three times in a quarter of an hour",
    metric: counted("FileJobsFailed", Duration.minutes(15)),
    above: 2,
    periods: 1,
  });
  alarm("WorkerDown", {
    slug: "service-down",
    says: "No job runner has run for 10 minutes",
    metric: running(background.worker),
    below: 1,
    periods: 2,
    silenceIsBad: true,
  });
  alarm("WorkerRestarting", {
    slug: "service-down",
    says: "Job runners have started more than ten times in a quarter of an hour",
    metric: counted("WorkerStarts", Duration.minutes(15)),
    above: 10,
    periods: 1,
  });
  alarm("SchedulerDown", {
    slug: "service-down",
    says: "No scheduler has run for 10 minutes",
    metric: running(background.scheduler),
    below: 1,
    periods: 2,
    silenceIsBad: true,
  });
}

/** How long a job may wait behind others of its firm before somebody should look. */
const BEHIND_OTHERS_SECONDS = 900;

/**
 * What SQS itself says of each queue, which is true also when no job runner is left to say anything: the age of its oldest job, one under way counted in, and what is
 * dead. What waits for its next try waits as a row and is no message.
 */
export function queueAlarms(alarm: ReturnType<typeof alarmsTo>): void {
  const period = Duration.minutes(5);
  for (const [type, { timeoutMs }] of Object.entries(JOBS)) {
    const { name, dead } = namesOf(type);
    alarm(`Old-${type}`, {
      slug: "stuck-jobs",
      says: `The oldest job of ${type} waits longer than one takes and a quarter of an hour`,
      metric: ofSqs("ApproximateAgeOfOldestMessage", name, period),
      above: timeoutMs / 1000 + BEHIND_OTHERS_SECONDS,
      periods: 2,
    });
    alarm(`Dead-${type}`, {
      slug: "dead-letters",
      says: `A job of ${type} has failed as often as it may`,
      metric: ofSqs("ApproximateNumberOfMessagesVisible", dead, period),
      above: 0,
      periods: 1,
    });
  }
}

const ofSqs = (metricName: string, QueueName: string, period: Duration) =>
  new Metric({ namespace: "AWS/SQS", metricName, dimensionsMap: { QueueName }, statistic: "Maximum", period });

/** Each running task tells its processor once a minute, also where Container Insights is off: that it tells is what counts. */
export const running = (service: FargateService) =>
  service.metricCpuUtilization({ statistic: "SampleCount", period: Duration.minutes(5), label: "readings" });
