// The controls of worker-killed: for each effect what makes it come about, and what makes it come about once, is taken away.
import type { Sandbox } from "@/sandbox/server";
import { until } from "@/tests/setup/http";
import { fillWithLeads } from "@/tests/setup/many-leads";
import { withClient } from "../../bootstrap-database";
import type { Verdict } from "../fault";
import type { House, HouseDatabase } from "../house";
import { launchCareless } from "./careless";
import { HOURS, killAt, LEADS, LOOKUPS_EACH, type Moment, slowDown } from "./killed";
import { letAnHourPass, runSchedules, untilEmpty, untilQuiet } from "./pass-time";
import {
  askForExport,
  askForLookups,
  askForMeeting,
  connectZoom,
  exportEffects,
  lookupEffects,
  meetingEffects,
} from "./work";

const KILLS_EACH = 2;

/** Proves something only if every one of these is above zero. */
export async function playKilledWithout(house: House): Promise<Verdict> {
  const figures = {
    ...(await playEarly(house)),
    doubleLookups: await playUnclaimed(house),
    doubleMeetings: await playForgetful(house),
  };
  return { holds: Object.values(figures).some((count) => count === 0), figures };
}

type Scene = { database: HouseDatabase; sandbox: Sandbox };

async function openScene(house: House): Promise<Scene> {
  const [database, sandbox] = [await house.database(), await house.sandbox()];
  slowDown(sandbox);
  return { database, sandbox };
}

/** Done is said before it is done, and no schedule looks for what was left: what a killed worker was about is lost. */
async function playEarly(house: House) {
  const { database, sandbox } = await openScene(house);
  const { firm } = database;
  const launch = () => launchCareless(house, database, sandbox.url, "early");
  await fillWithLeads(database.adminUrl, firm.id, LEADS);
  await connectZoom(firm, sandbox);
  const asks: [Moment, () => Promise<void>][] = [
    ["asking", () => askForLookups(firm, LOOKUPS_EACH)],
    ["meeting", () => askForMeeting(firm)],
    ["writing", () => askForExport(firm)],
  ];
  for (let turn = 0; turn < KILLS_EACH; turn += 1)
    for (const [moment, ask] of asks) {
      await ask();
      const isHit = await killAt(moment, { sandbox, firm, launch });
      await letAnHourPass(database);
      if (!isHit) throw new Error(`The kill did not meet its moment: ${moment}.`);
    }
  sandbox.twilio.faults.clear();
  sandbox.zoom.faults.clear();
  const worker = launch();
  await untilQuiet(database);
  await worker.kill9();
  return {
    lostLookups: (await lookupEffects(firm)).lost,
    lostExports: (await exportEffects(firm)).lost,
    lostMeetings: (await meetingEffects(firm, sandbox)).lost,
  };
}

/** An answer is stored without asking whether there is one. */
async function playUnclaimed(house: House): Promise<number> {
  const { database, sandbox } = await openScene(house);
  const { firm } = database;
  const launch = () => launchCareless(house, database, sandbox.url, "unclaimed");
  for (let kill = 0; kill < KILLS_EACH; kill += 1) {
    await askForLookups(firm, LOOKUPS_EACH);
    const had = sandbox.log.totals("twilio").requests;
    const worker = launch();
    await until("some are answered", () => sandbox.log.totals("twilio").requests > had + 2);
    await worker.kill9();
  }
  sandbox.twilio.faults.clear();
  const worker = launch();
  await letAnHourPass(database);
  await untilEmpty(database);
  await worker.kill9();
  return (await lookupEffects(firm)).double;
}

/** Nobody remembers that a meeting was asked for, so nobody looks for one before it is made. */
async function playForgetful(house: House): Promise<number> {
  const { database, sandbox } = await openScene(house);
  const { firm } = database;
  const launch = () => house.script("workers/run-jobs.ts", database, { sandboxUrl: sandbox.url });
  await connectZoom(firm, sandbox);
  await withClient(database.adminUrl, (client) => client.query(FORGET));
  for (let kill = 0; kill < KILLS_EACH; kill += 1) {
    await askForMeeting(firm);
    const isHit = await killAt("made", { sandbox, firm, launch });
    await letAnHourPass(database);
    if (!isHit) throw new Error("The kill did not meet a meeting.");
  }
  sandbox.zoom.faults.clear();
  const worker = launch();
  const doubles = async () => (await meetingEffects(firm, sandbox)).double;
  for (let hour = 0; hour < HOURS && (await doubles()) === 0; hour += 1) {
    await letAnHourPass(database);
    await runSchedules(["sync-due"]);
    await untilQuiet(database);
  }
  await worker.kill9();
  return doubles();
}

const FORGET = `
  CREATE FUNCTION forget_asked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.details := NEW.details - 'askedAt';
    RETURN NEW;
  END $$;
  CREATE TRIGGER forget_asked BEFORE INSERT OR UPDATE ON sync_link FOR EACH ROW EXECUTE FUNCTION forget_asked();`;
