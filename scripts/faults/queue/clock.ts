import type { Fault, Figures, Size, Verdict } from "../fault";
import type { House } from "../house";

/** Plays one side in a process of its own: its machine stands where local time changes, and what its schedulers say of refused slots is not heard. */
async function playSide(house: House, side: Size | "without"): Promise<Verdict> {
  const database = await house.database();
  const env = { TZ: "America/Chicago", LOG_LEVEL: "silent" };
  const child = house.script("scripts/faults/queue/clock-process.ts", database, { env, args: [side] });
  const code = await child.ended;
  const line = child.logs().trim().split("\n").at(-1) ?? "";
  if (code !== 0 || !line.startsWith("{"))
    throw new Error(`the clocks ended with ${code}: ${child.logs().slice(-500)}`);
  const { figures } = JSON.parse(line) as { figures: Figures };
  return { holds: (figures.slots ?? 0) > 0 && figures.missed === 0 && figures.double === 0, figures };
}

export const clockSteps: Fault = {
  name: "clock",
  about:
    "Two schedulers on machines whose clocks jump by seconds to days, back and forth, or stand still, one machine at a time, over three made-up years with their changes of local time and a leap day. A ledger with the queue's rule (an id makes one job) takes the slots of the years; the queue in Postgres takes those of the hours around the changes, the leap day and the turn of a year.",
  invariant: "every slot of every schedule gets a job, once: 0 missed, 0 double",
  play: playSide,
  control: {
    without: "UTC for the schedules, and the slot as the id of its job",
    play: (house) => playSide(house, "without"),
  },
};
