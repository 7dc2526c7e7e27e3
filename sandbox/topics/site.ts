import type { Clock } from "@/lib/core/clock";
import { findCounty } from "@/lib/core/county";
import { FaultQueue } from "../http/faults";
import { DEMO_COUNTIES, DEMO_STEP_MS, demoForms } from "./demo-day";
import { type Form, type FormTruth, truthOf } from "./form";
import type { Step } from "./scenario";
import { SCENARIOS } from "./scenarios";

export const DEMO_DAY = "demo-day";
/** Enough for the largest scenario in a few counties; then the oldest is forgotten. */
const MAX_SERVED = 50_000;

type Stage = {
  scenario: string;
  steps: readonly Step[];
  step: number;
  listFaults: FaultQueue;
  detailFaults: FaultQueue;
};
export type StageView = { county: string; scenario: string; step: number; steps: number; forms: number };

/** What the TOPICs stand-in holds: for every county the scenario that is played and how far it is. */
export class TopicsSite {
  readonly #clock: Clock;
  readonly #starts: readonly Date[];
  readonly #openedAt: Date;
  readonly #live: boolean;
  #shiftMs = 0;
  #stages = new Map<string, Stage>();
  #served = new Map<string, FormTruth>();
  #demoCache = new Map<string, { second: number; forms: Form[] }>();

  /** `live` lets the demo day run with the clock; otherwise it stands still between calls of `advance`. */
  constructor(options: { clock: Clock; live: boolean; starts?: readonly Date[] }) {
    this.#clock = options.clock;
    this.#live = options.live;
    this.#openedAt = options.clock.now();
    this.#starts = [...(options.starts ?? []), this.#openedAt].sort((a, b) => a.getTime() - b.getTime());
    this.reset();
  }

  /** Back to the first minute: the demo counties play the demo day, the others hold nothing. */
  reset(): void {
    this.#shiftMs = 0;
    this.#served.clear();
    this.#demoCache.clear();
    this.#stages.clear();
    for (const county of DEMO_COUNTIES) this.choose(county, DEMO_DAY);
  }

  /** Starts a scenario from its first step. False when there is none of that name. */
  choose(county: string, name: string): boolean {
    const scenario = name === DEMO_DAY ? { steps: [{ forms: [] }] } : Object.hasOwn(SCENARIOS, name) && SCENARIOS[name];
    if (!scenario) return false;
    const steps = scenario.steps.map((step) => ({ ...step, forms: step.forms.map((form) => moveTo(county, form)) }));
    const stage = { scenario: name, steps, step: 0, listFaults: new FaultQueue(), detailFaults: new FaultQueue() };
    this.#stages.set(county, stage);
    armFaults(stage);
    return true;
  }

  /** Goes to the next step (the last one stays), or two minutes on in the demo day. */
  advance(county: string, by = 1): void {
    const stage = this.#stages.get(county);
    if (!stage) return;
    if (stage.scenario === DEMO_DAY) {
      this.#shiftMs += by * DEMO_STEP_MS;
      return;
    }
    stage.step = Math.min(stage.step + by, stage.steps.length - 1);
    armFaults(stage);
  }

  now(): Date {
    return new Date((this.#live ? this.#clock.now() : this.#openedAt).getTime() + this.#shiftMs);
  }

  step(county: string): Step {
    const stage = this.#stages.get(county);
    if (!stage) return { forms: [] };
    if (stage.scenario === DEMO_DAY) return { forms: this.#demo(county) };
    return stage.steps[stage.step] ?? { forms: [] };
  }

  faults(county: string, on: "list" | "detail"): FaultQueue | null {
    const stage = this.#stages.get(county);
    return stage ? (on === "list" ? stage.listFaults : stage.detailFaults) : null;
  }

  counties(): string[] {
    return [...this.#stages.keys()];
  }

  stages(): StageView[] {
    return [...this.#stages].map(([county, stage]) => ({
      county,
      scenario: stage.scenario,
      step: stage.step,
      steps: stage.steps.length,
      forms: this.step(county).forms.length,
    }));
  }

  find(id: string): { form: Form; step: Step } | null {
    for (const county of this.#stages.keys()) {
      const step = this.step(county);
      const form = step.forms.find((each) => each.id === id);
      if (form) return { form, step };
    }
    return null;
  }

  markServed(form: Form): void {
    // Taken out first, so that the map keeps the order of the last serving.
    this.#served.delete(form.id);
    this.#served.set(form.id, truthOf(form));
    const oldest = this.#served.size > MAX_SERVED ? this.#served.keys().next().value : undefined;
    if (oldest !== undefined) this.#served.delete(oldest);
  }

  /** Every form whose page went out, as it was the last time it went out. */
  served(county: string | null): FormTruth[] {
    return [...this.#served.values()].filter((form) => county === null || form.county === county);
  }

  /** What the site holds now, seen or not. */
  held(county: string | null): FormTruth[] {
    const counties = county === null ? this.counties() : [county];
    return counties.flatMap((each) => this.step(each).forms.map(truthOf));
  }

  #demo(county: string): Form[] {
    const now = this.now();
    const second = Math.floor(now.getTime() / 1000);
    const cached = this.#demoCache.get(county);
    if (cached?.second === second) return cached.forms;
    const forms = demoForms(county, now, this.#starts);
    this.#demoCache.set(county, { second, forms });
    return forms;
  }
}

function armFaults(stage: Stage): void {
  stage.listFaults.clear();
  stage.detailFaults.clear();
  const fault = stage.steps[stage.step]?.fault;
  if (fault) (fault.on === "detail" ? stage.detailFaults : stage.listFaults).add(fault);
}

/** Scenarios are written for Travis. Elsewhere their ids get the county's own first digits, so that two counties can play the same one. */
function moveTo(county: string, form: Form): Form {
  if (county === "Travis") return form;
  let sum = 0;
  for (const letter of county) sum = (sum * 31 + letter.charCodeAt(0)) % 900;
  return { ...form, county, id: `${100 + sum}${form.id}` };
}

/** The county that the location filter names, when it names one. */
export const countyOfFilter = (location: string): string | null =>
  location.trim() === "" ? null : findCounty(location);
