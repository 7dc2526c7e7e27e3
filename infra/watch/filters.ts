import { FilterPattern, type ILogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { NAMESPACE } from "@/lib/core/metric-names";

/** What is counted from the lines of the job runner's log: they are JSON of a closed list of fields (lib/platform/log.ts), and none of these is a firm. */
const FROM_WORKER = {
  // What has failed for good and says so to whoever asked. `a job failed` would be a try of which the next one may end well.
  FileJobsFailed: '{ ($.msg = "an export failed") || ($.msg = "an import failed") }',
  WorkerStarts: '{ $.event = "ready" }',
} as const;

/** The name of a number that is counted from lines. */
export type CountedLine = keyof typeof FROM_WORKER;

/** Turns lines of the job runner into numbers that alarms can look at. */
export function countLinesOfWorker(scope: Construct, logGroup: ILogGroup): void {
  for (const [metricName, pattern] of Object.entries(FROM_WORKER)) {
    new MetricFilter(scope, metricName, {
      logGroup,
      metricNamespace: NAMESPACE,
      metricName,
      metricValue: "1",
      filterPattern: FilterPattern.literal(pattern),
    });
  }
}
