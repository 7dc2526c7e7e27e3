import pino from "pino";
import { causeId } from "./cause";
import { env } from "./env";

/**
 * What a log line may carry. Names, addresses, numbers, secrets and free text have no place here: the list is closed, so a field that is not
 * on it is dropped however it is called.
 */
export const LOGGABLE = [
  "event",
  "requestId",
  "edgeId",
  "tenantId",
  "actorType",
  "actorId",
  "route",
  "method",
  "status",
  "durationMs",
  "job",
  "jobId",
  "queue",
  "attempt",
  "provider",
  "kind",
  "code",
  "source",
  "county",
  "runId",
  "batchId",
  "leadId",
  "enrichmentId",
  "count",
  "received",
  "created",
  "updated",
  "unchanged",
  "rejected",
  "withdrawn",
  "suppressed",
  "found",
  "pid",
  "port",
  "name",
  "errorName",
  "errorCode",
  "stack",
] as const;
export type LogFields = Partial<Record<(typeof LOGGABLE)[number], string | number | boolean | null | undefined>>;

const allowed: ReadonlySet<string> = new Set(LOGGABLE);
let root: pino.Logger | undefined;
const logger = () =>
  (root ??= pino({ level: env().LOG_LEVEL, base: null, formatters: { level: (label) => ({ level: label }) } }));

/** A line of work that a request began says which, unless it says so itself. */
const keep = (fields: LogFields): LogFields => {
  const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => allowed.has(name)));
  const requestId = fields.requestId ?? causeId();
  return requestId === undefined ? kept : { ...kept, requestId };
};

/** The one logger: JSON lines, fields from a closed list. */
export const log = {
  debug: (message: string, fields: LogFields = {}) => logger().debug(keep(fields), message),
  info: (message: string, fields: LogFields = {}) => logger().info(keep(fields), message),
  warn: (message: string, fields: LogFields = {}) => logger().warn(keep(fields), message),
  error: (message: string, fields: LogFields = {}) => logger().error(keep(fields), message),
};

/** The loggable facts of a failure: its class, its code and where it was thrown. The message may quote input, so it stays out. */
export function failureFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const code = (error as Error & { code?: unknown }).code;
  return {
    errorName: error.name,
    errorCode: typeof code === "string" ? code : undefined,
    stack: error.stack
      ?.split("\n")
      .filter((line) => line.trimStart().startsWith("at "))
      .slice(0, 8)
      .join("\n"),
  };
}
