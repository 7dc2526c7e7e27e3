import { httpRequest } from "@/lib/platform/http-client";
import type { Page } from "../source";
import type { Fetcher, Gate, PageRequest } from "./fetcher";

/** Statuses that are a page to look at rather than a failure to name: moved away, or gone. */
const isAnswer = (status: number): boolean => (status >= 300 && status < 400) || status === 404 || status === 410;

/** Fetches over plain HTTP: enough wherever a page needs neither JavaScript nor a session. */
export function httpFetcher(gate: Gate, options: { timeoutMs: number; vendor: string }): Fetcher {
  return {
    async fetch({ url, form, headers, maxBytes }: PageRequest): Promise<Page> {
      await gate.enter(url);
      const reply = await httpRequest({
        vendor: options.vendor,
        url,
        method: form ? "POST" : "GET",
        headers: {
          "User-Agent": gate.userAgent,
          ...headers,
          ...(form ? { "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8" } : {}),
        },
        body: form ? new URLSearchParams(form).toString() : undefined,
        timeoutMs: options.timeoutMs,
        maxBytes,
        accept: isAnswer,
      });
      return {
        url,
        status: reply.status,
        contentType: reply.headers.get("content-type") ?? "",
        location: reply.headers.get("location"),
        body: reply.text(),
        fetchedAt: new Date().toISOString(),
      };
    },
    close: async () => {},
  };
}
