import { Duration } from "aws-cdk-lib";
import type { FargateService } from "aws-cdk-lib/aws-ecs";
import type { BackgroundStack } from "../run/background-stack";
import type { alarmsTo } from "./alarm";
import { counted, deadLetters, queueAge } from "./metrics";

export function jobAlarms(alarm: ReturnType<typeof alarmsTo>, { background }: BackgroundStack): void {
  alarm("StuckJobs", {
    slug: "stuck-jobs",
    says: "The oldest job has waited longer than 5 minutes for 10 minutes, or nobody says how long",
    metric: queueAge(),
    above: 300,
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
    metric: counted("AuditAlarms"),
    above: 0,
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

/** Each running task tells its processor once a minute, also where Container Insights is off: that it tells is what counts. */
export const running = (service: FargateService) =>
  service.metricCpuUtilization({ statistic: "SampleCount", period: Duration.minutes(5), label: "readings" });
