import type { BrowserContext, BrowserContextOptions, Locator, Page } from "playwright";
import { afterAll, beforeAll } from "vitest";
import type { IngestEnvelope } from "@/lib/contracts/ingest";
import type { LeadDetail, LeadDto, LeadPage } from "@/lib/contracts/leads";
import { systemClock } from "@/lib/core/clock";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeDatabase } from "@/lib/platform/db";
import { type Sandbox, startSandbox } from "@/sandbox/server";
import { makeFirmWithPassword, PASSWORD } from "../http/call";
import { startApp, startScript, type TestApp, type TestProcess } from "../setup/app";
import { type TestBrowser, watchedBrowser } from "../setup/browser";
import { freshCode } from "../setup/factor";
import { asOwner, type TestFirm, type TestUser } from "../setup/firms";
import { request } from "../setup/http";
import { ownDatabase } from "../setup/own-database";
import { packed } from "../setup/programs";

/** What the tests of one file share: the packed server, Chromium, and firms that are made as they are needed. */
export type Office = {
  browser: TestBrowser;
  app: () => TestApp;
  /** An address of the firm's. */
  at: (firm: TestFirm, path: string) => string;
  /** A context whose user, the firm's first unless another is given, is signed in to the firm. */
  signedIn: (firm: TestFirm, options?: BrowserContextOptions, user?: TestUser) => Promise<BrowserContext>;
  /** A signed-in page, at this path. */
  open: (firm: TestFirm, path: string, options?: BrowserContextOptions, user?: TestUser) => Promise<Page>;
};

const HOUR_MS = 3_600_000;

/** Starts the server and the browser for a file; with `vendors` also the sandbox and the job runner, so that checks are answered. */
export function openOffice({
  vendors = false,
  env = {},
}: {
  vendors?: boolean;
  env?: Record<string, string>;
} = {}): Office {
  const browser = watchedBrowser();
  const cookies = new Map<string, Promise<string>>();
  let app: TestApp;
  let sandbox: Sandbox | undefined;
  let jobs: TestProcess | undefined;
  beforeAll(async () => {
    if (vendors) sandbox = await startSandbox({ clock: systemClock, env: "test" });
    app = await startApp({ database: ownDatabase, env, ...(sandbox ? { sandboxUrl: sandbox.url } : {}) });
    if (vendors) jobs = startScript(packed("workers/run-jobs.ts"), app.env);
  });
  afterAll(async () => {
    await jobs?.stop();
    await app?.stop();
    await sandbox?.close();
    await closeDatabase();
  });

  const at: Office["at"] = (firm, path) => `${app.firmUrl(firm.slug)}${path}`;
  const signedIn: Office["signedIn"] = async (firm, options, user = firm.user) => {
    const cookie = cookies.get(user.id) ?? signIn(app, firm, user);
    cookies.set(user.id, cookie);
    const [name = "", value = ""] = (await cookie).split("=");
    const context = await browser.newContext(options);
    context.setDefaultTimeout(10_000);
    await context.addCookies([{ name, value, url: at(firm, "") }]);
    return context;
  };
  return {
    browser,
    app: () => app,
    at,
    signedIn,
    open: async (firm, path, options, user) => {
      const page = await (await signedIn(firm, options, user)).newPage();
      await page.goto(at(firm, path));
      await isAlive(page);
      return page;
    },
  };
}

/** Waits until the page's scripts answer: what is typed before goes to the plain HTML. */
export const isAlive = (page: Page): Promise<void> => isHydrated(page, "nav a");

/** Likewise for a page without the shell, by an element that has a script. */
export const isHydrated = async (page: Page, selector: string): Promise<void> => {
  await page.waitForFunction((wanted) => {
    type Root = { stateNode: { current: { memoizedState: { isDehydrated: boolean } } } };
    const marked = <T>(node: Node | null, mark: string): T | undefined =>
      Object.entries(node ?? {}).find(([key]) => key.startsWith(mark))?.[1];
    // React marks elements while it goes through them; the page stays as it came until it is through with all.
    const root = marked<Root>(document, "__reactContainer");
    const isThrough = root?.stateNode.current.memoizedState.isDehydrated === false;
    return isThrough && marked(document.querySelector(wanted), "__reactProps") !== undefined;
  }, selector);
  // After that it begins to listen for keys.
  await page.evaluate(() => new Promise<unknown>((resolve) => requestIdleCallback(resolve)));
};

/** Where notices appear. */
export const notice = (page: Page): Locator => page.getByRole("region", { name: /^Notifications/ });

async function signIn(app: TestApp, firm: TestFirm, user: TestUser): Promise<string> {
  const origin = app.firmUrl(firm.slug);
  const code = await freshCode(firm.id, user);
  const reply = await request(`${origin}/api/auth/callback/credentials`, {
    headers: { origin },
    body: new URLSearchParams({ email: user.email, password: PASSWORD, code }),
  });
  const line = reply.setCookies.find((cookie) => cookie.startsWith("arrestra.session="));
  if (!line) throw new Error(`not signed in: ${reply.status} ${reply.text}`);
  return line.split(";")[0] ?? "";
}

/** Fills in both pages of signing in, as a person does: e-mail and password, then the code. */
export async function fillSignIn(page: Page, firm: TestFirm, password = PASSWORD, user = firm.user): Promise<void> {
  await page.getByLabel("E-mail").fill(user.email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === "/login/code");
  await fillCode(page, await freshCode(firm.id, user));
}

/** Fills in the second page of signing in. */
export async function fillCode(page: Page, code: string): Promise<void> {
  await page.getByLabel("Code", { exact: true }).fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Lets the ten minutes pass for which a shown factor counts, in every session of the user. */
export const staleFactor = (firm: TestFirm, user: TestUser): Promise<unknown> =>
  asOwner(firm.id, (client) =>
    client.query("UPDATE session SET factor_at = now() - interval '11 minutes' WHERE user_id = $1", [user.id]),
  );

/** A firm whose user was here a day ago, so that there is something to be new since. */
export async function makeVisitedFirm(): Promise<TestFirm> {
  const firm = await makeFirmWithPassword();
  await asOwner(firm.id, (client) =>
    client.query(
      "UPDATE app_user SET previous_visit_at = now() - interval '1 day', last_visit_at = now() WHERE id = $1",
      [firm.user.id],
    ),
  );
  return firm;
}

/** Hours ago, as the wire has it. */
export const hoursAgo = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();

/** Takes in forms as a scraper would send them, seen some hours ago. */
export async function bring(
  firm: TestFirm,
  leads: unknown[],
  seenHoursAgo = 1,
  source: IngestEnvelope["source"] = "api",
): Promise<void> {
  const reply = await ingestLeads(firm.asKey(), { source, observedAt: hoursAgo(seenHoursAgo), leads });
  if (reply.rejected > 0) throw new Error(JSON.stringify(reply.results));
}

/** The firm's leads, as its API gives them. */
export async function leadsOf(app: TestApp, firm: TestFirm): Promise<LeadDto[]> {
  const headers = { "x-api-key": firm.key.text };
  return (await request(`${app.baseUrl}/api/leads?limit=200`, { headers })).json<LeadPage>().leads;
}

/** Everything of one lead, as the firm's API gives it. */
export const detailOf = async (app: TestApp, firm: TestFirm, id: string): Promise<LeadDetail> =>
  (await request(`${app.baseUrl}/api/leads/${id}`, { headers: { "x-api-key": firm.key.text } })).json<LeadDetail>();
