import { expect, it } from "vitest";
import { chromiumSettings } from "../../scripts/chromium";
import { openStage } from "./stage";

it("reads a site that needs JavaScript and a session with a real browser, behind the same interface", async () => {
  const stage = await openStage("five-offenses-three-causes");
  const { CHROMIUM_PATH = "", ...libraries } = await chromiumSettings();
  Object.assign(process.env, libraries); // what `npm run scrape -- --browser` gives the scraper's process
  const js = { baseUrl: new URL(stage.sandbox.topics.jsUrl), timeoutMs: 20_000, chromiumPath: CHROMIUM_PATH };
  expect(await stage.scrape({}, js)).toMatchObject({ status: "failed", found: 0 });
  const { Holds } = await import("@/workers/state/host-state");
  new Holds(stage.settings.stateDir).lift(js.baseUrl.host);
  expect(await stage.scrape({ browser: true }, js)).toMatchObject({ status: "succeeded", found: 1, fetched: 1 });
  expect(stage.leads()[0]?.charges).toHaveLength(5);
  // Styles and pictures are not asked for: a scraper looks at nothing.
  expect(stage.asked().filter((path) => path.endsWith(".css"))).toEqual([]);
}, 90_000);
