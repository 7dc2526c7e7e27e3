import { type Clock, systemClock } from "@/lib/core/clock";

/** Where CloudWatch keeps these numbers. The alarms and the dashboard of infra/watch look for it and for the names below. */
const NAMESPACE = "Arrestra";

/** Every number there is, with its unit as CloudWatch knows it. */
const UNITS = {
  /** How long the oldest due job has waited. */
  QueueAgeSeconds: "Seconds",
  /** Jobs that nobody has taken yet, those for later too. */
  JobsWaiting: "Count",
  /** Jobs that are being done. */
  JobsActive: "Count",
  /** Jobs that failed as often as they may. */
  DeadLetters: "Count",
  /** How long the oldest sealed event has waited to be written outside the database. */
  AuditStreamLagSeconds: "Seconds",
} as const;
/** The numbers of one moment. */
export type MetricValues = Partial<Record<keyof typeof UNITS, number>>;

/**
 * Writes numbers as one line of CloudWatch's embedded metric format on stdout, beside the lines of the log: whoever reads those (CloudWatch Logs) makes metrics
 * of it, and no agent or key is needed. Only numbers of the whole house: no dimension, so nothing that names a firm.
 */
export function emitMetrics(values: MetricValues, clock: Clock = systemClock): void {
  const names = Object.keys(values) as (keyof typeof UNITS)[];
  const line = {
    _aws: {
      Timestamp: clock.now().getTime(),
      CloudWatchMetrics: [
        // One set of no dimensions; without any set there would be no metric.
        { Namespace: NAMESPACE, Dimensions: [[]], Metrics: names.map((Name) => ({ Name, Unit: UNITS[Name] })) },
      ],
    },
    ...values,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
