import { setTimeout as sleep } from "node:timers/promises";
import type { Sandbox } from "@/sandbox/server";
import type { TestProcess } from "@/tests/setup/app";
import { until } from "@/tests/setup/http";
import type { Fault, Size, Verdict } from "../fault";
import type { House, HouseDatabase } from "../house";
import { careless } from "./careless";
import { letAnHourPass, untilQuiet } from "./pass-time";
import { askForLookups, askForMeeting, connectZoom, type Effects, lookupEffects, meetingEffects, sumOf } from "./work";

const FREEZES: Record<Size, number> = { quick: 3, full: 10 };
const CONTROL_FREEZES = 2;
const LOOKUPS_EACH = 10;
/** Long enough to be frozen in the middle of it; the answer lies ready when the worker wakes up. */
const CALL_MS = 400;
/** What a worker that wakes up was about is over by then: its calls end at once, its transactions are short. One of the control has a batch before it. */
const AWAKE_MS = 3000;
const CARELESS_AWAKE_MS = 8000;

type Play = {
  database: HouseDatabase;
  sandbox: Sandbox;
  start: () => Promise<TestProcess>;
  asks: (turn: number) => Promise<void>;
  effects: () => Promise<Effects>;
  awakeMs: number;
};

/**
 * Freezes a worker in the middle of its calls, lets its leases run out, has another do the work, and lets the first go on where it was. Both are started once: the
 * second is frozen too while the first takes new work.
 */
async function playFreezes(
  { database, sandbox, start, asks, effects, awakeMs }: Play,
  freezes: number,
): Promise<Verdict> {
  const [first, second] = [await start(), await start()];
  for (let turn = 0; turn < freezes; turn += 1) {
    await freeze(second);
    sandbox.twilio.faults.add({ kind: "slow", delayMs: CALL_MS, count: LOOKUPS_EACH });
    sandbox.zoom.faults.add({ kind: "slow", delayMs: CALL_MS, count: 1, path: "/meetings" });
    await asks(turn);
    await underWay(sandbox);
    await freeze(first);
    sandbox.twilio.faults.clear();
    sandbox.zoom.faults.clear();
    await letAnHourPass(database);
    wake(second);
    await done({ database, effects });
    wake(first);
    await sleep(awakeMs);
    await untilQuiet(database, AWAKE_MS);
  }
  await letAnHourPass(database);
  await untilQuiet(database);
  await Promise.all([first.kill9(), second.kill9()]);
  const { asked, lost, double } = await effects();
  const answered = sandbox.log.totals("twilio").byStatus["200"] ?? 0;
  return {
    holds: lost === 0 && double === 0,
    figures: { freezes, jobs: asked, lost, double, lookupsAnsweredTwice: answered - freezes * LOOKUPS_EACH },
  };
}

const wake = ({ pid }: TestProcess): void => void process.kill(pid, "SIGCONT");

/** A worker that stands still holds what it has taken; nobody waits for it. */
async function freeze({ pid }: TestProcess): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await sleep(20);
}

const underWay = (sandbox: Sandbox) =>
  until("a call is under way", () => sandbox.log.totals("twilio").inFlight > 0).then(() => sleep(CALL_MS / 4));

/** Until the other worker has done everything: what it finds held comes back after a moment, and after an hour nobody holds it any more. */
async function done({ database, effects }: Pick<Play, "database" | "effects">): Promise<void> {
  for (let hour = 0; hour < 6; hour += 1) {
    const isDone = async () => (await effects()).lost === 0;
    if (await until("all is done", isDone, 8000).catch(() => false)) return;
    await letAnHourPass(database);
  }
}

async function play(house: House, size: Size): Promise<Verdict> {
  const [database, sandbox] = [await house.database(), await house.sandbox()];
  const { firm } = database;
  await connectZoom(firm, sandbox);
  const start = () => house.worker(database, { sandboxUrl: sandbox.url });
  const asks = async () => {
    await askForLookups(firm, LOOKUPS_EACH);
    await askForMeeting(firm);
  };
  const effects = async () => sumOf([await lookupEffects(firm), await meetingEffects(firm, sandbox)]);
  return playFreezes({ database, sandbox, start, asks, effects, awakeMs: AWAKE_MS }, FREEZES[size]);
}

async function playWithout(house: House): Promise<Verdict> {
  const [database, sandbox] = [await house.database(), await house.sandbox()];
  const start = () => careless(house, database, sandbox.url, "unclaimed");
  const asks = () => askForLookups(database.firm, LOOKUPS_EACH);
  const effects = () => lookupEffects(database.firm);
  return playFreezes({ database, sandbox, start, asks, effects, awakeMs: CARELESS_AWAKE_MS }, CONTROL_FREEZES);
}

export const workerFrozen: Fault = {
  name: "worker-frozen",
  about:
    "A worker gets SIGSTOP in the middle of its calls to Twilio and Zoom and stands still while its leases run out (every date in the database is moved back by an hour); another does its work; then SIGCONT, and the first goes on with the answers that lie ready for it. Counted are the events of look-ups and the meetings at the stand-in of Zoom.",
  invariant: "every job has its effect (lost 0), once (double 0)",
  play,
  control: {
    without: "the question, in the transaction that stores an answer, whether the look-up is still open",
    play: playWithout,
  },
  limitSeconds: { quick: 400, full: 1500 },
};
