import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { NAMESPACE, type UNITS } from "@/lib/core/metric-names";
import type { CountedLine } from "./filters";

/** Where the job runner's metrics are (lib/platform/metrics.ts). None has a firm as a dimension: numbers of one firm are nobody else's. */

const minute = Duration.minutes(1);

/** Seconds that the oldest job has been due. */
export const queueAge = () =>
  new Metric({ namespace: NAMESPACE, metricName: "QueueAgeSeconds", statistic: "Maximum", period: minute });

/** Jobs that failed as often as they may. */
export const deadLetters = () =>
  new Metric({ namespace: NAMESPACE, metricName: "DeadLetters", statistic: "Maximum", period: minute });

/** Jobs that wait to be taken. */
export const jobsWaiting = () =>
  new Metric({ namespace: NAMESPACE, metricName: "JobsWaiting", statistic: "Maximum", period: minute });

/** A number counted from the log lines of a service by a filter of filters.ts. */
export const counted = (metricName: CountedLine, period = Duration.minutes(5)) =>
  new Metric({ namespace: NAMESPACE, metricName, statistic: "Sum", period });

/** A number that processes count for themselves (lib/platform/metrics.ts), by name. */
export const told = (
  metricName: keyof typeof UNITS,
  statistic: "Sum" | "Maximum" = "Sum",
  period = Duration.minutes(5),
) => new Metric({ namespace: NAMESPACE, metricName, statistic, period });
