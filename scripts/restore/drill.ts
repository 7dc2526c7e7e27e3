import { randomBytes } from "node:crypto";
import path from "node:path";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { provenOperator } from "@/lib/domain/tenants/operator-ctx";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { bootstrapDatabase } from "../bootstrap-database";
import { type PostgresServer, removePostgres } from "../embedded-postgres";
import { migrate } from "../migrate";
import { isAlive } from "../processes";
import { archiveAll, noteMoment, type Point, restoreTo, startArchiving, takeBackup } from "./backup";
import { doHarm, makeFirms, sealAndSign, takeLeads } from "./drill-firms";
import { type Statement, takeStatement } from "./statement";

const DATABASE = "arrestra";
const FIRMS = 2;
const BATCH = 100;

/** What was lost on purpose and brought back: the statement of before, and the restored database beside it. */
export type Rehearsal = {
  before: Statement;
  point: Point;
  from: { backup: string; archive: string };
  /** The superuser's address, and the app's, which row-level security binds. */
  restoredUrl: string;
  restoredAppUrl: string;
  close: () => Promise<void>;
};

/**
 * Plays a loss in `folder` on servers of its own: backup while leads come in, more work, a point in time, harm, restore to the point. Nothing of it
 * touches another database; the heads go where the settings say. `say` hears each step with its seconds.
 */
export async function rehearse(folder: string, say: (line: string) => void = () => {}): Promise<Rehearsal> {
  const [base, archive, backup, again] = ["server", "archive", "backup", "restored"].map((name) =>
    path.join(folder, name),
  ) as [string, string, string, string];
  const servers: PostgresServer[] = [];
  const usual = process.env.APP_DATABASE_URL;
  // A drill that is cut short skips its end: the servers must not stay behind.
  const endWithUs = () => {
    for (const { pid } of servers) if (isAlive(pid)) process.kill(pid, "SIGQUIT");
  };
  process.once("exit", endWithUs);
  const close = async () => {
    await closeConnections();
    if (usual === undefined) delete process.env.APP_DATABASE_URL;
    else process.env.APP_DATABASE_URL = usual;
    for (const server of servers.splice(0)) await server.stop();
    for (const each of [base, again]) await removePostgres(each);
    process.removeListener("exit", endWithUs);
  };
  const step = timed(say);
  try {
    const server = await step("a server that archives its WAL", () => startArchiving(base, archive));
    servers.push(server);
    const secret = () => randomBytes(12).toString("hex");
    const passwords = { owner: secret(), app: secret(), platform: secret() };
    const { ownerUrl, appUrl } = await bootstrapDatabase(server, DATABASE, passwords);
    await step("tables and queues", () => migrate({ databaseUrl: ownerUrl }));
    await closeConnections();
    process.env.APP_DATABASE_URL = appUrl;
    const adminUrl = server.adminUrl(DATABASE);

    const firms = await makeFirms(adminUrl, FIRMS);
    const acknowledged = await takeLeads(firms, "before", BATCH);
    const [, during] = await step("backup, while leads come in", () =>
      Promise.all([takeBackup(server, backup), takeLeads(firms, "during", BATCH)]),
    );
    acknowledged.push(...during);
    await step("more leads, sealed and signed", async () => {
      acknowledged.push(...(await takeLeads(firms, "after", BATCH)));
      await sealAndSign(adminUrl, firms);
    });
    const before = await takeStatement(adminUrl, provenOperator(newId(), systemClock), acknowledged);
    const at = await noteMoment(server);

    await step("harm after the point: rows deleted, others written and signed", async () => {
      await takeLeads(firms, "late", 10);
      for (const firm of firms) await doHarm(ownerUrl, firm);
      await sealAndSign(adminUrl, firms);
    });
    const point = { at, lastSegment: await archiveAll(server) };
    await closeConnections();
    const restored = await step(`restore to ${at}`, () => restoreTo(again, { backup, archive }, point));
    servers.push(restored);
    return {
      before,
      point,
      from: { backup, archive },
      restoredUrl: restored.adminUrl(DATABASE),
      restoredAppUrl: restored.url("arrestra_app", passwords.app, DATABASE),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The next question goes where APP_DATABASE_URL points then. */
async function closeConnections(): Promise<void> {
  await closeQueue();
  await closeDatabase();
}

function timed(say: (line: string) => void) {
  return async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    say(`  ${name}  ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return result;
  };
}
