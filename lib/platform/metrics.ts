import { type Clock, systemClock } from "@/lib/core/clock";
import { NAMESPACE, UNITS } from "@/lib/core/metric-names";

/** The numbers of one moment. */
export type MetricValues = Partial<Record<keyof typeof UNITS, number>>;

/** Of these the greatest of a minute is told, of all others the sum. */
const GREATEST: ReadonlySet<string> = new Set(["AuditStreamLagSeconds", "SlowestRequestMs"]);

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

const EVERY_MS = 60_000;
type Counting = { counted: MetricValues; isOn: boolean; timer?: NodeJS.Timeout };
// One per process: routes count in one bundle, the server writes from another.
const holder = globalThis as typeof globalThis & { arrestraCounting?: Counting };
holder.arrestraCounting ??= { counted: {}, isOn: false };
const counting = holder.arrestraCounting;

/**
 * Adds to the numbers of this minute. What happened in a transaction is counted once that has committed (`afterCommit` in db.ts). Where nobody asked for numbers,
 * as in a command or a test, nothing is written.
 */
export function countMetrics(values: MetricValues): void {
  const { counted } = counting;
  for (const [name, value] of Object.entries(values) as [keyof MetricValues, number][]) {
    if (value === 0) continue;
    counted[name] = GREATEST.has(name) ? Math.max(counted[name] ?? 0, value) : (counted[name] ?? 0) + value;
  }
  if (!counting.isOn || counting.timer !== undefined) return;
  counting.timer = setTimeout(writeCounts, EVERY_MS);
  counting.timer.unref();
}

/** From now on what this process counts is written, a minute after the first of it and when the process ends. */
export function startCounting(): void {
  if (counting.isOn) return;
  counting.isOn = true;
  process.once("exit", () => writeCounts());
}

/** Writes what was counted since the last time and begins anew; nothing when nothing was. */
export function writeCounts(clock: Clock = systemClock): void {
  clearTimeout(counting.timer);
  const { counted } = counting;
  counting.counted = {};
  delete counting.timer;
  if (Object.keys(counted).length > 0) emitMetrics(counted, clock);
}
