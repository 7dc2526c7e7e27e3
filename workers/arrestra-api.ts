import { z } from "zod";
import { type FinishIngestRun, IngestReport, KnownPage } from "@/lib/contracts/ingest";
import type { County } from "@/lib/core/county";
import { VendorError } from "@/lib/core/errors";
import { type HttpRequest, httpRequest } from "@/lib/platform/http-client";
import { type RetryOptions, withRetries } from "./retry";

const StartedRun = z.object({ id: z.string() });
/** A known page of a large county holds thousands of ids. */
const MAX_REPLY_BYTES = 10_000_000;
const MAX_KNOWN_PAGES = 10_000;

/** One firm's door to Arrestra. Every call is repeated while it may pass; failures are `VendorError`s. */
export interface ArrestraApi {
  /** What the firm holds of a county: source id to the time of the next look. */
  known(source: string, county: County): Promise<Map<string, Date>>;
  startRun(source: string, county: County, idempotencyKey: string): Promise<string>;
  finishRun(runId: string, body: FinishIngestRun): Promise<void>;
  /** `body` is sent byte for byte, so that a repeated key always carries the same payload. */
  postBatch(body: string, idempotencyKey: string): Promise<IngestReport>;
}

/** The HTTP API with one firm's key, which travels in a header only. */
export function arrestraApi(
  apiUrl: string,
  apiKey: string,
  options: { timeoutMs?: number; retry?: RetryOptions } = {},
): ArrestraApi {
  const base = apiUrl.replace(/\/+$/, "");
  const { timeoutMs = 30_000, retry } = options;

  async function call<T>(shape: z.ZodType<T>, path: string, request: Partial<HttpRequest> = {}): Promise<T> {
    const { headers, ...rest } = request;
    return withRetries(async () => {
      const reply = await httpRequest({
        vendor: "arrestra",
        url: `${base}${path}`,
        timeoutMs,
        maxBytes: MAX_REPLY_BYTES,
        headers: {
          Authorization: `Bearer ${apiKey}`,
          Accept: "application/json",
          ...(rest.body === undefined ? {} : { "Content-Type": "application/json" }),
          ...headers,
        },
        ...rest,
      });
      const parsed = shape.safeParse(reply.json());
      if (!parsed.success)
        throw new VendorError("arrestra", "garbled", `${path.split("?")[0]} answered in another shape`);
      return parsed.data;
    }, retry);
  }

  return {
    async known(source, county) {
      const known = new Map<string, Date>();
      let cursor: string | null = null;
      for (let page = 0; page < MAX_KNOWN_PAGES; page += 1) {
        const query = new URLSearchParams({ source, county, ...(cursor === null ? {} : { cursor }) });
        const answer: KnownPage = await call(KnownPage, `/api/ingest/known?${query}`);
        for (const form of answer.known) known.set(form.sourceId, new Date(form.nextObserveAt));
        cursor = answer.nextCursor;
        if (cursor === null) return known;
      }
      throw new VendorError("arrestra", "garbled", "the known pages do not end");
    },
    async startRun(source, county, idempotencyKey) {
      const body = JSON.stringify({ source, county });
      const headers = { "Idempotency-Key": idempotencyKey };
      return (await call(StartedRun, "/api/ingest/runs", { method: "POST", body, headers })).id;
    },
    async finishRun(runId, run) {
      await call(z.unknown(), `/api/ingest/runs/${runId}`, { method: "PATCH", body: JSON.stringify(run) });
    },
    postBatch: (body, idempotencyKey) =>
      call(IngestReport, "/api/leads/ingest", { method: "POST", body, headers: { "Idempotency-Key": idempotencyKey } }),
  };
}
