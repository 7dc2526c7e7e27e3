import { setTimeout as sleep } from "node:timers/promises";
import type { Sandbox } from "@/sandbox/server";
import type { TestProcess } from "@/tests/setup/app";
import { asOwner, type TestFirm } from "@/tests/setup/firms";
import { fillWithLeads } from "@/tests/setup/many-leads";
import type { Fault, Size, Verdict } from "../fault";
import type { House, HouseDatabase } from "../house";
import { chance } from "../queue/machines";
import { playKilledWithout } from "./killed-without";
import { letAnHourPass, runSchedules, untilQuiet } from "./pass-time";
import {
  askForExport,
  askForLookups,
  askForMeeting,
  connectZoom,
  type Effects,
  exportEffects,
  lookupEffects,
  meetingEffects,
  sumOf,
} from "./work";

const KILLS: Record<Size, number> = { quick: 5, full: 24 };
export const LOOKUPS_EACH = 12;
/** A call of a stand-in lasts so long, so that there is a middle to be killed in. */
const CALL_MS = 200;
/** An export of so many leads takes a moment. */
export const LEADS = 5000;
/** So long things are given to come about by themselves. */
export const HOURS = 8;
/** A worker starts in this too. */
const MOMENT_MS = 30_000;

/** When a worker is killed: while it asks Twilio or Zoom, when a meeting was made and it does not know yet, or while it writes a file. */
const MOMENTS = ["asking", "meeting", "made", "writing"] as const;
export type Moment = (typeof MOMENTS)[number];

type Parts = {
  database: HouseDatabase;
  sandbox: Sandbox;
  launch: () => TestProcess;
};

/** Has a firm ask for everything and kills one worker after the other in the middle of it; lets time pass until all of it has come about. */
async function playKills({ database, sandbox, launch }: Parts, kills: number): Promise<Verdict> {
  const { firm } = database;
  const random = chance(kills);
  const hits: Record<Moment, number> = { asking: 0, meeting: 0, made: 0, writing: 0 };
  await fillWithLeads(database.adminUrl, firm.id, LEADS);
  await connectZoom(firm, sandbox);
  slowDown(sandbox);
  for (let kill = 0; kill < kills; kill += 1) {
    const moment = MOMENTS[kill % MOMENTS.length] ?? "asking";
    await askForLookups(firm, LOOKUPS_EACH);
    if (moment === "writing") await askForExport(firm);
    else await askForMeeting(firm);
    const delayMs = moment === "made" ? 0 : random() * CALL_MS * 2;
    if (await killAt(moment, { sandbox, firm, launch, delayMs })) hits[moment] += 1;
    // What the dead hold would keep the next one from its work.
    await letAnHourPass(database);
    // Who is killed again and again with one export in its hands gives that up, and says so: each dies once.
    if (moment === "writing") await heal({ database, launch }, async () => exportEffects(firm));
  }
  sandbox.twilio.faults.clear();
  sandbox.zoom.faults.clear();
  const effects = () => effectsOf(firm, sandbox);
  await heal({ database, launch }, effects);
  const { asked, lost, double } = await effects();
  for (const moment of MOMENTS) if (hits[moment] === 0) throw new Error(`No kill met its moment: ${moment}.`);
  return {
    holds: lost === 0 && double === 0,
    figures: {
      kills,
      askingTwilio: hits.asking,
      askingZoom: hits.meeting,
      meetingMade: hits.made,
      writingAFile: hits.writing,
      jobs: asked,
      lost,
      double,
    },
  };
}

const effectsOf = async (firm: TestFirm, sandbox: Sandbox): Promise<Effects> =>
  sumOf([await lookupEffects(firm), await exportEffects(firm), await meetingEffects(firm, sandbox)]);

export function slowDown({ twilio, zoom }: Sandbox): void {
  twilio.faults.add({ kind: "slow", delayMs: CALL_MS });
  zoom.faults.add({ kind: "slow", delayMs: CALL_MS, path: "/meetings" });
}

/** Launches a worker, kills it at its moment and says whether that came; it does not when others had the work before. `delayMs` is how long after the moment. */
export async function killAt(
  moment: Moment,
  {
    sandbox,
    firm,
    launch,
    delayMs = 0,
  }: { sandbox: Sandbox; firm: TestFirm; launch: () => TestProcess; delayMs?: number },
): Promise<boolean> {
  const { meetings } = sandbox.zoom.world;
  const had = meetings.size;
  // What a dead worker was writing looks as if it were still being written.
  const before = await runsOf(firm);
  const isNow: Record<Moment, () => Promise<boolean> | boolean> = {
    asking: () => sandbox.log.totals("twilio").inFlight > 0,
    meeting: () => sandbox.log.totals("zoom").inFlight > 0,
    made: () => meetings.size > had,
    writing: async () => [...(await runsOf(firm))].some((run) => !before.has(run)),
  };
  const worker = launch();
  let isHit = false;
  for (const end = performance.now() + MOMENT_MS; !isHit && performance.now() < end; await sleep(1))
    isHit = await isNow[moment]();
  if (delayMs > 0) await sleep(delayMs);
  await worker.kill9();
  return isHit;
}

/** The runs in which exports are being written. */
const runsOf = (firm: TestFirm): Promise<Set<string>> =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query<{ run: string }>(
      "SELECT run_id::text AS run FROM file_export WHERE state = 'running'",
    );
    return new Set(rows.map(({ run }) => run));
  });

/** One worker that nobody kills, and hours that pass, with what schedules look for. */
async function heal({ database, launch }: Omit<Parts, "sandbox">, effects: () => Promise<Effects>): Promise<void> {
  const worker = launch();
  for (let hour = 0; hour < HOURS; hour += 1) {
    await untilQuiet(database);
    if ((await effects()).lost === 0) break;
    await letAnHourPass(database);
    await runSchedules(["sweep-lookups", "sweep-files", "sync-due"]);
  }
  // What comes twice may come late.
  await letAnHourPass(database);
  await untilQuiet(database);
  await worker.stop();
}

async function play(house: House, size: Size): Promise<Verdict> {
  const [database, sandbox] = [await house.database(), await house.sandbox()];
  const launch = () => house.script("workers/run-jobs.ts", database, { sandboxUrl: sandbox.url });
  return playKills({ database, sandbox, launch }, KILLS[size]);
}

export const workerKilled: Fault = {
  name: "worker-killed",
  about:
    "A firm asks for look-ups, meetings and exports, and one worker after the other gets SIGKILL in the middle of its jobs: while it asks Twilio or Zoom, at the moment in which Zoom has made a meeting and nobody here knows, while it writes an export. Time passes in between (every lease and date in the database is moved back by an hour at a time), after each export a worker is left alone, and the schedules look for what was left. Counted are the events of look-ups and exports, and the meetings at the stand-in of Zoom.",
  invariant: "every job has its effect (lost 0), once (double 0)",
  play,
  control: {
    without:
      "the order of things (workers say that a job is done before they do it, and no schedule looks for what was left), then the question whether an answer is stored already, then the note that a meeting was asked for",
    play: playKilledWithout,
  },
  limitSeconds: { quick: 400, full: 1500 },
};
