import { type Attributes, type AttributeValue, context, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { routeOf } from "@/lib/core/route-of";
import { causeId } from "./cause";
import { env, RELEASE } from "./env";
import { failureFields, log } from "./log";
import type { Tracer } from "./traced";

const EVERY_MS = 5_000;
const TIMEOUT_MS = 3_000;

type Keep = (value: AttributeValue) => AttributeValue | undefined;
const word: Keep = (value) => (/^[A-Za-z][\w.-]{0,60}$/.test(String(value)) ? value : undefined);
const number: Keep = (value) => (Number.isFinite(Number(value)) ? Number(value) : undefined);
const id: Keep = (value) => (/^[0-9a-f-]{36}$/.test(String(value)) ? value : undefined);
const route: Keep = (value) => routeOf(String(value));

/**
 * All that a span may say, and in what form. Next writes whole addresses with their queries into its spans, into their names too, and messages of errors, which
 * quote input: what is not on this list, or not in its form, does not leave the process.
 */
const SPAN_FACTS: Readonly<Record<string, Keep>> = {
  "arrestra.job": word,
  "arrestra.jobs": number,
  "arrestra.vendor": word,
  "arrestra.request_id": id,
  "http.method": word,
  "http.status_code": number,
  "http.route": route,
  "next.span_type": word,
  "error.type": word,
};
/** The names of our own spans. One of Next is called by its type, which is a word of Next's code. */
const OUR_NAMES = ["job", "vendor call"];

/** A span as it may be sent. */
export function cleanSpan(span: ReadableSpan): ReadableSpan {
  const attributes: Attributes = {};
  for (const [name, keep] of Object.entries(SPAN_FACTS)) {
    const value = span.attributes[name];
    const kept = value === undefined ? undefined : keep(value);
    if (kept !== undefined) attributes[name] = kept;
  }
  const type = attributes["next.span_type"];
  return {
    name: OUR_NAMES.includes(span.name) ? span.name : String(type ?? "span"),
    kind: span.kind,
    spanContext: () => ({ ...span.spanContext(), traceState: undefined }),
    ...(span.parentSpanContext ? { parentSpanContext: { ...span.parentSpanContext, traceState: undefined } } : {}),
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    ended: span.ended,
    status: { code: span.status.code },
    attributes,
    links: [],
    events: [],
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Sends clean spans alone. When it cannot, that is a line in the log and nothing else. */
class CleanExporter implements SpanExporter {
  constructor(private readonly inner: SpanExporter) {}
  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.inner.export(spans.map(cleanSpan), (result) => {
      if (result.code !== ExportResultCode.SUCCESS)
        log.warn("traces could not be sent", { count: spans.length, ...failureFields(result.error) });
      done({ code: ExportResultCode.SUCCESS });
    });
  }
  shutdown = () => this.inner.shutdown();
  forceFlush = async () => this.inner.forceFlush?.();
}

/** Gives each span, those of Next too, the id by which the log knows the request. */
const namesTheRequest: SpanProcessor = {
  onStart: (span: Span) => {
    const requestId = causeId();
    if (requestId !== undefined) span.setAttribute("arrestra.request_id", requestId);
  },
  onEnd: () => undefined,
  forceFlush: async () => undefined,
  shutdown: async () => undefined,
};

/**
 * Starts the traces of this process. No propagator is registered: no trace id of a stranger is taken on, and none of ours goes to a vendor. Gives what makes spans,
 * and what sends those that are left.
 */
export function startTraces(
  service: string,
  { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, TRACE_SHARE: share } = env(),
): { tracer: Tracer; flush: () => Promise<void> } {
  const url = `${endpoint?.replace(/\/$/, "")}/v1/traces`;
  const exporter = new CleanExporter(new OTLPTraceExporter({ url, timeoutMillis: TIMEOUT_MS }));
  const batches = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: EVERY_MS,
    exportTimeoutMillis: TIMEOUT_MS,
  });
  const provider = new TracerProvider({
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    resource: resourceFromAttributes({ "service.name": service, "service.version": RELEASE || "unreleased" }),
    spanProcessors: [namesTheRequest, batches],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  trace.setGlobalTracerProvider(provider);
  const spans = provider.getTracer("arrestra");
  const tracer: Tracer = (name, facts, work) =>
    spans.startActiveSpan(name, { attributes: facts }, async (span) => {
      try {
        return await work();
      } catch (error) {
        span.setAttribute("error.type", error instanceof Error ? error.name : typeof error);
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    });
  return { tracer, flush: () => provider.forceFlush().catch(() => undefined) };
}
