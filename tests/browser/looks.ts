import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright";
import { describe, expect, it } from "vitest";
import type { TestFirm } from "../setup/firms";
import { isAlive, type Office } from "./office";

/** What a page is shown as: how it is opened, and what is opened on it. */
export type Place = {
  name: string;
  /** Asked for anew with each visit: a one-time link opens once. */
  path: string | (() => string | Promise<string>);
  /** On our own address instead of a firm's. */
  isOurs?: true;
  /** Before the door, where nobody is signed in. */
  hasNoShell?: true;
  arrange?: (page: Page) => Promise<unknown>;
};

type Looks = {
  office: Office;
  firm: () => TestFirm;
  places: readonly Place[];
  /** Lines of the browser about what the places provoke. */
  expectErrors: RegExp;
};

async function visit({ office, firm }: Looks, page: Page, { path, isOurs, hasNoShell, arrange }: Place): Promise<void> {
  const own = typeof path === "string" ? path : await path();
  await page.goto(isOurs ? office.app().baseUrl + own : office.at(firm(), own));
  if (!isOurs && !hasNoShell) await isAlive(page);
  await arrange?.(page);
  // nothing is judged while it still floats in
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))),
  );
}

type Findings = Awaited<ReturnType<AxeBuilder["analyze"]>>["violations"];

/** What axe calls serious or critical, each with the element and the words of the rule. */
const gravest = (violations: Findings): string[] =>
  violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`));

/** Puts axe into the page, and has it look at everything. */
async function findings(page: Page): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations"] });
  return gravest((await axe.analyze()).violations);
}

/** Has the axe that `findings` put into the page look at the contrast again: to put it there takes four times as long as this. */
async function contrastFindings(page: Page): Promise<string[]> {
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<{ violations: Findings }> } };
    return (await axe.run({ resultTypes: ["violations"], runOnly: ["color-contrast"] })).violations;
  });
  return gravest(violations);
}

/** Controls smaller than `least` px, as width x height and markup. Links inside text are left out, as WCAG does. */
const smallTargets = (page: Page, least: number): Promise<string[]> =>
  page.evaluate((px) => {
    const isInText = (element: Element) => element.matches(":is(p, dd, small, td, th) a, .sr-only, [href='#main']");
    const room = (element: Element) =>
      element.closest("label") ?? (element.matches("input, select") ? element.parentElement : null) ?? element;
    return [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, [role^=menuitem]")]
      .filter((element) => element.checkVisibility() && !isInText(element))
      .map((element) => ({ element, box: room(element).getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < px || box.width < 24))
      .map(
        ({ element, box }) => `${Math.round(box.width)}x${Math.round(box.height)} ${element.outerHTML.slice(0, 120)}`,
      );
  }, least);

type Seen = { axe: string[]; axeByNight: string[]; sideways: string[]; small: string[] };

/** Visits every place once and notes what is wrong there, by day and by night and at each width. */
async function walk(looks: Looks, { viewport, widths, target }: (typeof WALKS)[number]): Promise<Seen> {
  const { office, firm, places } = looks;
  const options = { viewport, reducedMotion: "reduce" as const, hasTouch: target > 24 };
  const page = await (await office.signedIn(firm(), options)).newPage();
  const stranger = await office.browser.newPage(options);
  const seen: Seen = { axe: [], axeByNight: [], sideways: [], small: [] };
  for (const place of places) {
    const shown = place.isOurs || place.hasNoShell ? stranger : page;
    await shown.setViewportSize(viewport);
    await shown.emulateMedia({ colorScheme: "light" });
    await visit(looks, shown, place);
    const note = (kind: keyof Seen, found: string[]) =>
      seen[kind].push(...found.map((what) => `${place.name}: ${what}`));
    note("axe", await findings(shown));
    note("small", await smallTargets(shown, target));
    await shown.emulateMedia({ colorScheme: "dark" });
    note("axeByNight", await contrastFindings(shown));
    for (const width of widths) {
      await shown.setViewportSize({ ...viewport, width });
      const scroll = await shown.evaluate(() => document.documentElement.scrollWidth);
      note("sideways", scroll > width ? [`${scroll} px wide at ${width} px`] : []);
    }
  }
  return seen;
}

const WALKS = [
  { way: "on a desk", viewport: { width: 1440, height: 900 }, widths: [1440, 1000, 721], target: 24 },
  { way: "on a phone", viewport: { width: 390, height: 844 }, widths: [720, 390, 320], target: 44 },
];

/** Promises for every place: axe finds nothing serious, by day and by night, nothing scrolls sideways, and fingers find what they aim at. */
export function promiseLooks(looks: Looks): void {
  // Both at once: each is a browser tab of its own, and there are two cores.
  let walked: Promise<Seen[]> | undefined;
  const walkAll = (): Promise<Seen[]> => {
    looks.office.browser.expectErrors(looks.expectErrors);
    walked ??= Promise.all(WALKS.map((each) => walk(looks, each)));
    return walked;
  };
  for (const [nth, { way, widths, target }] of WALKS.entries()) {
    describe(`every place ${way}`, () => {
      const found = async (kind: keyof Seen) => (await walkAll())[nth]?.[kind];
      it("has nothing that axe calls serious", async () => expect(await found("axe")).toEqual([]));
      it("keeps its contrast in the dark", async () => expect(await found("axeByNight")).toEqual([]));
      it(`never scrolls sideways, at ${widths.join(", ")} px`, async () => expect(await found("sideways")).toEqual([]));
      it(`has targets of ${target} px`, async () => expect(await found("small")).toEqual([]));
    });
  }
}
