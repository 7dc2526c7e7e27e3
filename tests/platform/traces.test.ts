import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { z } from "zod";
import { newId } from "@/lib/core/ids";
import { because } from "@/lib/platform/cause";
import { httpRequest } from "@/lib/platform/http-client";
import { log } from "@/lib/platform/log";
import { flushTraces, startTracesIfWanted, traced } from "@/lib/platform/traced";

/** The part of OTLP's JSON that says what a span tells. */
const Otlp = z.object({
  resourceSpans: z.array(
    z.object({
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              name: z.string(),
              traceId: z.string(),
              parentSpanId: z.string().optional(),
              attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
            }),
          ),
        }),
      ),
    }),
  ),
});

const received: string[] = [];
const vendorHeaders: NodeJS.Dict<string | string[]>[] = [];
let answer = 200;
const collector = createServer(async (request, response) => {
  if (request.url !== "/v1/traces") {
    vendorHeaders.push(request.headers);
    response.end("{}");
    return;
  }
  let body = "";
  for await (const chunk of request) body += String(chunk);
  received.push(body);
  response.writeHead(answer, { "content-type": "application/json" }).end("{}");
});
let url: string;
beforeAll(async () => {
  await once(collector.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = url;
  process.env.TRACE_SHARE = "1";
  await startTracesIfWanted("jobs");
});
afterAll(() => {
  collector.closeAllConnections();
  collector.close();
});
const spans = () =>
  received.flatMap((body) =>
    Otlp.parse(JSON.parse(body)).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );

it("shows a job and its call of a vendor as one trace with the request's id, and tells the vendor nothing of it", async () => {
  const requestId = newId();
  await because({ requestId }, () =>
    traced("job", { "arrestra.job": "enrichment.lookup", "arrestra.jobs": 1 }, async () => {
      await httpRequest({ vendor: "twilio", url: `${url}/v2/PhoneNumbers/+15125550100?name=CANARY` });
    }),
  );
  await flushTraces();
  const [call, job] = spans();
  expect([call?.name, job?.name]).toEqual(["vendor call", "job"]);
  expect(call?.traceId).toBe(job?.traceId);
  for (const span of [call, job])
    expect(span?.attributes).toContainEqual({ key: "arrestra.request_id", value: { stringValue: requestId } });
  expect(vendorHeaders).toHaveLength(1);
  expect(vendorHeaders[0]).toMatchObject({ "x-request-id": requestId });
  expect(vendorHeaders[0]).not.toHaveProperty("traceparent");
});

// Seen red without: cleanSpan in the exporter.
it("sends nothing that anybody wrote: not what Next puts into its spans, their names, events or errors", async () => {
  received.length = 0;
  const { trace, SpanStatusCode } = await import("@opentelemetry/api");
  const next = trace.getTracer("next.js").startSpan("GET /leads?q=CANARY-DOE", {
    attributes: {
      "http.target": "/leads?q=CANARY-DOE",
      "http.url": "https://x.example/leads?q=CANARY-DOE",
      "http.route": "/leads/CANARY-DOE",
      "http.method": "GET",
      "http.status_code": 200,
      "next.span_name": "fetch GET https://x.example/?q=CANARY-DOE",
      "next.span_type": "BaseServer.handleRequest",
      "error.type": "CANARY DOE is no error",
    },
    links: [
      { context: { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 }, attributes: { q: "CANARY" } },
    ],
  });
  next.recordException(new Error("no lead CANARY-DOE"));
  next.addEvent("CANARY");
  next.setStatus({ code: SpanStatusCode.ERROR, message: "CANARY-DOE" });
  next.end();
  await expect(
    traced("job", { "arrestra.job": "CANARY DOE" }, async () => {
      throw new RangeError("CANARY");
    }),
  ).rejects.toThrow(RangeError);
  await flushTraces();
  expect(received.join("")).not.toMatch(/canary|doe/i);
  const [first] = spans();
  expect(first?.name).toBe("BaseServer.handleRequest");
  expect(first?.attributes).toContainEqual({ key: "http.route", value: { stringValue: "/leads/[id]" } });
});

it("does the work all the same when nobody takes the traces", async () => {
  const warned = vi.spyOn(log, "warn").mockImplementation(() => undefined);
  answer = 400;
  expect(await traced("job", {}, async () => "done")).toBe("done");
  await flushTraces();
  expect(warned.mock.calls.map(([message]) => message)).toContain("traces could not be sent");
});

// Seen red with: a static import of traces.ts in traced.ts.
it("loads nothing of OpenTelemetry while the switch is off", async () => {
  const program = `
    import { registerHooks } from "node:module";
    let loaded = 0;
    registerHooks({
      resolve(name, context, next) {
        const found = next(name, context);
        if (found.url.includes("/@opentelemetry/")) loaded += 1;
        return found;
      },
    });
    const { startTracesIfWanted, traced } = await import("./lib/platform/traced.ts");
    await startTracesIfWanted("jobs");
    await traced("job", {}, async () => undefined);
    console.log(loaded);`;
  const run = (endpoint: string) =>
    promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    });
  const [off, on] = await Promise.all([run(""), run(url)]);
  expect(Number(off.stdout)).toBe(0);
  // The same question, where they are on.
  expect(Number(on.stdout)).toBeGreaterThan(0);
});
