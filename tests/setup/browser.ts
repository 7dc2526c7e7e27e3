import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { chromiumLaunch } from "../../scripts/chromium";

const LOOPBACK = /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/;

export type TestBrowser = {
  /** A page in a context of its own (no cookies in common); it is closed after the test. */
  newPage: (options?: BrowserContextOptions) => Promise<Page>;
  /** A context, for two tabs that share cookies; it is closed after the test. */
  newContext: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /**
   * Lets this test see console errors that match, such as the browser's own line about a 404 that the test provokes. Every other
   * console error, uncaught exception or request that leaves the machine fails the test.
   */
  expectErrors: (pattern: RegExp) => void;
};

/** Registers the hooks that start Chromium for the tests of this file and watch what the pages do. */
export function watchedBrowser(): TestBrowser {
  let browser: Browser | undefined;
  let contexts: BrowserContext[] = [];
  let allowed: RegExp[] = [];
  let complaints: string[] = [];

  beforeAll(async () => {
    const launch = await chromiumLaunch();
    // Names outside this machine do not resolve at all, whatever a page asks for.
    const resolver = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1";
    browser = await chromium.launch({ ...launch, args: [...launch.args, resolver] });
  });

  afterEach(async () => {
    const unexpected = complaints.filter((complaint) => !allowed.some((pattern) => pattern.test(complaint)));
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    complaints = [];
    allowed = [];
    expect(unexpected, "unexpected console errors or requests that leave the machine").toEqual([]);
  });

  afterAll(async () => browser?.close());

  const newContext = async (options: BrowserContextOptions = {}) => {
    if (!browser) throw new Error("the browser starts in beforeAll: ask for a page in a test");
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    contexts.push(context);
    context.on("page", (page) => watch(page, (complaint) => complaints.push(complaint)));
    return context;
  };
  return {
    newContext,
    newPage: async (options) => (await newContext(options)).newPage(),
    expectErrors: (pattern) => allowed.push(pattern),
  };
}

function watch(page: Page, complain: (complaint: string) => void): void {
  page.on("pageerror", (error) => complain(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") complain(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (/^(https?|wss?):$/.test(url.protocol) && !LOOPBACK.test(url.hostname)) complain(`request to ${url.href}`);
  });
}
