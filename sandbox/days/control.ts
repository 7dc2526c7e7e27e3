import { Refusal } from "../acuity/world";
import { BadCall, type ControlActions, text } from "../control/actions";
import { type Day, NotThere, type Stage, type Step } from "./day";
import { DAYS } from "./days";

/** The day that is played, and how far it is. Another name, and the same one after its end, begin at the beginning. */
export class DayPlayer {
  #day: Day | null = null;
  #next = 0;

  constructor(readonly stage: Stage) {}

  reset(): void {
    this.#day = null;
  }

  /** What can be turned, as `METHOD path` below `/control`. */
  readonly actions: ControlActions = {
    "GET /days": () =>
      DAYS.map(({ name, description, steps }) => ({ name, description, steps: steps.map((step) => said(step)) })),
    /** The next step of a day, or with `all` every one that is left. */
    "POST /days/play": async ({ body }) => {
      const day = DAYS.find(({ name }) => name === text(body, "name"));
      if (!day) throw new BadCall(`There is no such day. There are: ${DAYS.map(({ name }) => name).join(", ")}.`);
      if (this.#day !== day || this.#next >= day.steps.length) {
        this.#day = day;
        this.#next = 0;
      }
      const played: Step[] = [];
      do {
        const step = day.steps[this.#next];
        if (!step) break;
        await this.#play(step);
        this.#next += 1;
        played.push(step);
      } while (body.all === true);
      return { played: played.map((step) => said(step)), left: day.steps.length - this.#next };
    },
  };

  /** A step is over when what it told has arrived. */
  async #play(step: Step): Promise<void> {
    try {
      await step.do(this.stage);
    } catch (problem) {
      if (problem instanceof NotThere || problem instanceof Refusal) throw new BadCall(problem.message);
      throw problem;
    }
    const { acuity, google } = this.stage.worlds;
    await acuity.webhooks.settled();
    await google.channels.settled();
  }
}

const said = ({ minute, what, reconnects }: Step) => ({ minute, what, ...(reconnects ? { reconnects } : {}) });
