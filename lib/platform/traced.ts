import { causeId } from "./cause";
import { env } from "./env";

/** What a span says; traces.ts keeps the list of what may leave the process. */
export type SpanFacts = Record<string, string | number>;
/** Puts a span around work. */
export type Tracer = <T>(name: string, facts: SpanFacts, work: () => Promise<T>) => Promise<T>;

type Traces = { tracer: Tracer; flush: () => Promise<void> };
// One per process: the server starts it in one bundle, routes and jobs work in others.
const holder = globalThis as typeof globalThis & { arrestraTraces?: Traces };

/** Turns traces on where the switch says so. Where it does not, nothing of OpenTelemetry is loaded. */
export async function startTracesIfWanted(service: "web" | "jobs"): Promise<void> {
  if (env().OTEL_EXPORTER_OTLP_ENDPOINT === undefined || holder.arrestraTraces) return;
  const { startTraces } = await import("./traces");
  holder.arrestraTraces = startTraces(`arrestra-${service}`);
}

/** Work inside a span of its own when traces are on, and as it is when they are not. */
export const traced: Tracer = (name, facts, work) => {
  const traces = holder.arrestraTraces;
  if (!traces) return work();
  const requestId = causeId();
  return traces.tracer(name, requestId === undefined ? facts : { ...facts, "arrestra.request_id": requestId }, work);
};

/** Sends the spans that are left, for a process that ends. Never fails, and takes some seconds at most. */
export const flushTraces = async (): Promise<void> => holder.arrestraTraces?.flush();
