import { causeId } from "./cause";

/** What a span may say: nothing that anybody wrote. traces.ts keeps the list, and strips what is not on it. */
export type SpanFacts = Record<string, string | number | boolean>;
/** Puts a span around work. */
export type Tracer = <T>(name: string, facts: SpanFacts, work: () => Promise<T>) => Promise<T>;

// One per process: the server starts it in one bundle, routes and jobs work in others.
const holder = globalThis as typeof globalThis & { arrestraTracer?: Tracer };

/** Work inside a span of its own when traces are on (traces.ts), and as it is when they are not: then nothing of OpenTelemetry is loaded. */
export const traced: Tracer = (name, facts, work) => {
  const tracer = holder.arrestraTracer;
  if (!tracer) return work();
  const requestId = causeId();
  return tracer(name, requestId === undefined ? facts : { ...facts, "arrestra.request_id": requestId }, work);
};

/** From now on `traced` makes spans by this; without one it makes none. */
export function setTracer(tracer: Tracer | undefined): void {
  if (tracer) holder.arrestraTracer = tracer;
  else delete holder.arrestraTracer;
}
