import type { ScheduleName } from "@/lib/contracts/jobs";
import type { Clock } from "@/lib/core/clock";
import { type SendOne, sendSlots } from "@/workers/send-slots";
import { type Machines, makeMachines } from "./machines";

/** How a scheduler's slot reaches the queue. `clock` is the receiver's own. */
export type Receive = (schedule: ScheduleName, slot: Date, clock: Clock) => Promise<void>;

type Options = {
  schedules: Readonly<Partial<Record<ScheduleName, { cron: string }>>>;
  from: Date;
  to: Date;
  /** How far the made-up time goes on between two looks of a scheduler: at most a third of the shortest rhythm, so that nothing is between two looks. */
  stepMs: number;
  seed: number;
  receive: Receive;
  /** What a scheduler takes for the time; what its machine says unless a control has another idea. */
  reads?: (clock: Clock) => Clock;
};

const SCHEDULERS = 2;

/** Runs two schedulers, each on a machine of its own, and a third machine that receives, through made-up time. Gives how often a clock was set. */
export async function playSlots({ schedules, from, to, stepMs, seed, receive, ...options }: Options): Promise<number> {
  const { reads = (clock) => clock } = options;
  const machines = makeMachines(from, SCHEDULERS, seed);
  const receiver = reads({ now: () => new Date(machines.now()) });
  const stopping = new AbortController();
  const loops = SCHEDULERS * Object.keys(schedules).length;
  const gate = makeGate(machines, loops);
  const send: SendOne = (schedule, slot) => receive(schedule, slot, receiver);
  const running = Array.from({ length: SCHEDULERS }, (_, machine) =>
    sendSlots({
      schedules,
      send,
      clock: reads(machines.clock(machine)),
      signal: stopping.signal,
      pause: () => gate.wait(machine),
    }),
  );
  while (machines.now() < to.getTime()) {
    await gate.allWait();
    machines.pass(stepMs);
    gate.open();
  }
  await gate.allWait();
  stopping.abort();
  gate.open({ all: true });
  await Promise.all(running);
  return machines.steps();
}

/** Lets loops that wait go on together, once all of them wait: made-up time passes only while nobody works. */
function makeGate(machines: Machines, count: number) {
  let waiting: { machine: number; go: () => void }[] = [];
  let whenAll: (() => void) | null = null;
  return {
    wait: (machine: number) =>
      new Promise<void>((go) => {
        waiting.push({ machine, go });
        if (waiting.length === count) whenAll?.();
      }),
    allWait: () =>
      waiting.length === count
        ? Promise.resolve()
        : new Promise<void>((resolve) => {
            whenAll = resolve;
          }),
    open({ all = false } = {}) {
      const going = waiting.filter(({ machine }) => all || !machines.stands(machine));
      waiting = waiting.filter((each) => !going.includes(each));
      for (const { go } of going) go();
    },
  };
}
