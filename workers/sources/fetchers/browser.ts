import { type Browser, type BrowserContext, chromium, errors, type Response, type Route } from "playwright";
import { VendorError } from "@/lib/core/errors";
import { kindOfStatus, retryAfterMs } from "@/lib/platform/http-client";
import type { Page } from "../source";
import type { Fetcher, Gate, PageRequest } from "./fetcher";

const NEEDED = new Set(["document", "script", "xhr", "fetch"]);

/**
 * Fetches with a real browser, for sites that need JavaScript or a session. It keeps one context, so the session lives as long as the fetcher.
 * Every request of the page passes the gate like any other; pictures, styles and other hosts are not asked at all.
 */
export function browserFetcher(
  gate: Gate,
  options: { timeoutMs: number; vendor: string; executablePath: string },
): Fetcher {
  let browser: Browser | undefined;
  let context: BrowserContext | undefined;

  async function open(): Promise<BrowserContext> {
    browser ??= await chromium.launch({
      executablePath: options.executablePath,
      args: launchArguments(),
      env: launchEnvironment(),
    });
    context ??= await browser.newContext({ userAgent: gate.userAgent, serviceWorkers: "block" });
    return context;
  }

  return {
    async fetch(request: PageRequest): Promise<Page> {
      const tab = await (await open()).newPage();
      // What the gate says is kept, because the browser only sees an aborted request.
      let refusal: unknown;
      const host = new URL(request.url).host;
      await tab.route("**/*", async (route: Route) => {
        const asked = route.request();
        if (!NEEDED.has(asked.resourceType()) || new URL(asked.url()).host !== host) return route.abort();
        try {
          await gate.enter(asked.url());
          await route.continue();
        } catch (error) {
          refusal ??= error;
          await route.abort().catch(() => undefined);
        }
      });
      try {
        const { timeoutMs: timeout } = options;
        if (!request.viaPage) {
          const response = await tab.goto(request.url, { timeout, waitUntil: "load" });
          return await toPage(options.vendor, request, response, () => tab.content());
        }
        const answered = tab.waitForResponse((response) => response.url() === request.url, { timeout });
        // A tab that closes early must not leave a rejection that nobody hears.
        answered.catch(() => undefined);
        await tab.goto(request.viaPage, { timeout, waitUntil: "load" });
        const response = await answered;
        return await toPage(options.vendor, request, response, () => response.text());
      } catch (error) {
        throw refusal ?? named(options.vendor, error);
      } finally {
        await tab.close().catch(() => undefined);
      }
    },
    async close() {
      await browser?.close();
      browser = undefined;
      context = undefined;
    },
  };
}

/** Chromium refuses to sandbox itself for root; containers have little shared memory. */
function launchArguments(): string[] {
  const args = ["--disable-dev-shm-usage", "--disable-gpu"];
  return process.getuid?.() === 0 ? [...args, "--no-sandbox"] : args;
}

/** What Chromium needs to find its libraries, fonts and a place to write. */
const INHERITED = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "LANG", "TZ"];

/** Chromium runs what strangers' pages say, at times without its sandbox: it gets nothing of ours to read, where Playwright would hand on every setting. */
const launchEnvironment = (): Record<string, string> =>
  Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));

async function toPage(
  vendor: string,
  request: PageRequest,
  response: Response | null,
  read: () => Promise<string>,
): Promise<Page> {
  if (!response) throw new VendorError(vendor, "unavailable", "the browser got no answer");
  const headers = new Headers(response.headers());
  const status = response.status();
  if (status >= 400 && status !== 404 && status !== 410) {
    throw new VendorError(vendor, kindOfStatus(status), `answered ${status}`, {
      status,
      retryAfterMs: retryAfterMs(headers),
    });
  }
  // A browser follows redirects. Having been led elsewhere is told like the redirect it was.
  const moved = response.url() !== request.url;
  const body = moved ? "" : await read();
  if (request.maxBytes && Buffer.byteLength(body) > request.maxBytes) {
    throw new VendorError(vendor, "garbled", `the body is larger than ${request.maxBytes} bytes`);
  }
  return {
    url: request.url,
    status: moved ? 302 : status,
    contentType: headers.get("content-type") ?? "",
    location: moved ? response.url() : null,
    body,
    fetchedAt: new Date().toISOString(),
  };
}

function named(vendor: string, error: unknown): unknown {
  if (error instanceof VendorError) return error;
  const kind = error instanceof errors.TimeoutError ? "timeout" : "unavailable";
  return new VendorError(vendor, kind, "the browser could not fetch the page", { cause: error });
}
