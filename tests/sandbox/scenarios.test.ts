import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FAULT_KINDS } from "@/sandbox/http/faults";
import { KICKBOX_OUTCOMES } from "@/sandbox/kickbox/outcomes";
import { type Sandbox, startSandbox } from "@/sandbox/server";
import type { FormTruth } from "@/sandbox/topics/form";
import { SCENARIOS } from "@/sandbox/topics/scenarios";
import { control, detail, postList, readForm } from "./calls";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ env: "test" });
});
afterAll(() => sandbox.close());

/** The days that sources.md asks for. A day that is dropped or renamed must be missed here. */
const ASKED_FOR = [
  "one-offense",
  "five-offenses-three-causes",
  "cause-number-later",
  "bail-lowered",
  "personal-bond-replaces-surety",
  "bail-denied",
  "form-withdrawn",
  "leading-comma-name",
  "awkward-names",
  "dst-gap",
  "dst-fold",
  "two-forms-one-night",
  "two-people-one-name",
  "label-renamed",
  "columns-swapped",
  "list-columns-swapped",
  "empty-data",
  "data-missing",
  "html-error-page",
  "throttled",
  "unavailable",
  "hang",
  "truncated-list",
  "ten-thousand-rows",
  "shuffled-rows",
  "offense-with-script",
  "offense-with-formula",
];

const squeezed = (text: string) => text.replaceAll(/\s+/g, " ").trim();

/** Steps that show forms the usual way: every page of theirs must say what the answer sheet says. */
const READABLE = Object.entries(SCENARIOS).flatMap(([name, { steps }]) =>
  steps.flatMap((step, at) => (step.fault || step.detail || step.forms.length > 100 ? [] : [[name, at] as const])),
);

describe("every scenario", () => {
  it("of the list in the sources is there", () => {
    expect(ASKED_FOR.filter((name) => !(name in SCENARIOS))).toEqual([]);
  });

  it("can be selected by its name, and says what it is about", async () => {
    const listed = await control<{ name: string; description: string }[]>(sandbox.url, "/topics/scenarios");
    expect(listed.map((each) => each.name)).toEqual(["demo-day", ...Object.keys(SCENARIOS)]);
    for (const { name, description } of listed) {
      expect(description.length).toBeGreaterThan(10);
      await control(sandbox.url, "/topics/scenario", { name });
    }
  });

  it("is named in the README, as are all faults and outcomes", () => {
    const readme = readFileSync(new URL("../../sandbox/README.md", import.meta.url), "utf8");
    const named = [...Object.keys(SCENARIOS), ...FAULT_KINDS, ...Object.keys(KICKBOX_OUTCOMES)];
    expect(named.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it("has ids of its own", () => {
    const owners = new Map<string, string>();
    const shared = ["9020001", "9020002", "9020003"];
    for (const [name, { steps }] of Object.entries(SCENARIOS)) {
      for (const id of new Set(steps.flatMap((step) => step.forms.map((form) => form.id)))) {
        if (!shared.includes(id)) expect(owners.get(id) ?? name).toBe(name);
        owners.set(id, name);
      }
    }
  });

  it.each(READABLE)("%s, step %i: the pages say what the answer sheet says", async (name, step) => {
    await control(sandbox.url, "/reset", {});
    await control(sandbox.url, "/topics/scenario", { name });
    await control(sandbox.url, "/topics/advance", { by: step });
    const { forms } = await control<{ forms: FormTruth[] }>(sandbox.url, "/topics/held?county=Travis");
    for (const truth of forms) {
      const seen = readForm((await detail(sandbox.topics.url, truth.id)).body);
      expect(seen.fields.Name).toBe(squeezed(truth.name));
      expect(seen.fields["Arrest Date"]).toBe(truth.arrest ? squeezed(`${truth.arrest.at} ${truth.arrest.zone}`) : "");
      expect(seen.offenses).toEqual(
        truth.offenses.map((line) => [line.offense, line.bailType, line.bailAmount, line.causeNumber].map(squeezed)),
      );
    }
    const { forms: served } = await control<{ forms: FormTruth[] }>(sandbox.url, "/topics/served?county=Travis");
    expect(served).toEqual(forms);
  });
});

describe("the answer sheet", () => {
  it("tells $0, blank, denied and not yet set apart", async () => {
    await control(sandbox.url, "/topics/scenario", { name: "four-bail-states" });
    const { forms } = await control<{ forms: FormTruth[] }>(sandbox.url, "/topics/held?county=Travis");
    expect(forms.map(({ offenses: [line] }) => [line?.bailType, line?.bailAmount, line?.bailCents])).toEqual([
      ["Personal", "$0.00", 0],
      ["", "", null],
      ["Denied", "", null],
      ["Not Set", "", null],
    ]);
  });

  it("counts only forms whose page went out, each as it was last served", async () => {
    await control(sandbox.url, "/reset", {});
    await control(sandbox.url, "/topics/scenario", { name: "cause-number-later" });
    await postList(sandbox.topics.url, { MagistrationLocation: "Travis" });
    const served = () => control<{ count: number; forms: FormTruth[] }>(sandbox.url, "/topics/served?county=Travis");
    expect((await served()).count).toBe(0);
    await detail(sandbox.topics.url, "9000201");
    await control(sandbox.url, "/topics/advance", {});
    expect((await served()).forms[0]?.offenses[0]?.causeNumber).toBe("");
    await detail(sandbox.topics.url, "9000201");
    expect((await served()).forms.map((form) => form.offenses[0]?.causeNumber)).toEqual(["C-1-CR-26-201402"]);
  });
});
