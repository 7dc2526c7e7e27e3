import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import { ensureBuild } from "../../scripts/build";
import { STATE } from "../../scripts/repository";
import { makeFirmWithPassword } from "../http/call";
import { startApp, type TestApp } from "../setup/app";
import { asOwner, type TestFirm } from "../setup/firms";
import { request } from "../setup/http";
import { ownDatabase } from "../setup/own-database";
import { startBalancer } from "./balancer";
import { expandUnderLock } from "./expand-under-lock";
import { makeOldRelease } from "./old-release";
import { startLoad } from "./rollout-load";

// A release goes out and comes back while a firm works: servers of two builds, an expand migration between them, a balancer with health checks in front.

type Build = { folder: string; release: string };

let balancer: Awaited<ReturnType<typeof startBalancer>>;
let firm: TestFirm;
let newer: Build;
let older: Build;
let place: string;
const migrationsDir = mkdtempSync(path.join(tmpdir(), "arrestra-rollout-"));
const running = new Set<TestApp>();

beforeAll(async () => {
  const { folder } = await ensureBuild();
  mkdirSync(STATE, { recursive: true });
  place = mkdtempSync(path.join(STATE, "old-release-"));
  newer = { folder, release: "new" };
  older = { ...makeOldRelease(folder, path.join(place, "build")), release: "old" };
  [firm, balancer] = await Promise.all([makeFirmWithPassword(), startBalancer()]);
});
afterAll(async () => {
  await Promise.all([...running].map((app) => app.kill9()));
  await balancer?.stop();
  await closeDatabase();
  for (const folder of [place, migrationsDir]) rmSync(folder, { recursive: true, force: true });
});

const portOf = (app: TestApp) => Number(new URL(app.baseUrl).port);
const terminate = (app: TestApp) => process.kill(app.pid, "SIGTERM");

/** Static files first, then servers: a page may be asked for its scripts the moment it is there. */
async function bringUp(build: Build): Promise<TestApp[]> {
  balancer.publish(build.folder);
  const env = {
    APP_BASE_URL: `http://localhost:${balancer.port}`,
    TRUSTED_PROXY_HOPS: "1",
    KEEP_ALIVE_TIMEOUT: "65000",
    DRAIN_MS: "3000",
  };
  const apps = await Promise.all([0, 1].map(() => startApp({ database: ownDatabase, folder: build.folder, env })));
  for (const app of apps) running.add(app);
  await Promise.all(apps.map((app) => balancer.register(portOf(app), build.release)));
  return apps;
}

/** One leaves as ECS ends a task; the other is only told to end, and its own word has to be enough. Both end with 0. */
async function bringDown([first, second]: TestApp[]): Promise<void> {
  if (!first || !second) throw new Error("two servers");
  terminate(second);
  await balancer.sawLeave(portOf(second));
  await balancer.deregister(portOf(first));
  terminate(first);
  expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
  for (const app of [first, second]) running.delete(app);
}

/**
 * Seen red without: the pause before a server ends (502), the word of the health check (the balancer never learns of it), lock_timeout (the migration never gives
 * way), the bucket that keeps the static files of the release before (404).
 */
it("rolls a release out and back under load without one failed request", async () => {
  const began = Date.now();
  const oldServers = await bringUp(older);
  const load = await startLoad(`http://localhost:${balancer.port}`, firm);
  await load.more();
  const oldNames = [...load.named];
  expect(oldNames.length).toBeGreaterThan(3);
  expect(oldNames.filter((name) => name.includes("/chunks/") && !name.includes("/old-"))).toEqual([]);

  expect(await expandUnderLock(ownDatabase, migrationsDir)).toEqual(["29990101000000_column", "29990101010000_index"]);
  await load.more();

  const newServers = await bringUp(newer);
  await load.more();
  await bringDown(oldServers);
  expect(balancer.servedBy.get("new")).toBeGreaterThan(0);
  await load.more();
  // A page from before still finds its scripts, which no server has any more.
  const [server] = newServers;
  for (const name of oldNames.filter((each) => each.includes("/old-"))) {
    expect((await request(`http://localhost:${balancer.port}${name}`)).status, name).toBe(200);
    expect((await request(`${server?.baseUrl}${name}`)).status, name).toBe(404);
  }

  const oldAgain = await bringUp(older);
  await load.more();
  await bringDown(newServers);
  await load.more();
  await load.stop();

  expect(load.failures).toEqual([]);
  const { rows } = await asOwner(firm.id, (client) =>
    client.query<{ source_id: string }>("SELECT source_id FROM lead ORDER BY source_id"),
  );
  expect(rows.map((row) => row.source_id)).toEqual(load.acknowledged.toSorted());
  const { leadId, status, version } = load.lastMove();
  const moved = await asOwner(firm.id, (client) =>
    client.query("SELECT status, version FROM lead WHERE id = $1", [leadId]),
  );
  expect(moved.rows).toEqual([{ status, version }]);
  console.log(
    `${load.total()} requests (${JSON.stringify(load.counts)}) in ${Math.round((Date.now() - began) / 1000)} s, none failed`,
  );
  await Promise.all(oldAgain.map((app) => app.stop()));
}, 180_000);
