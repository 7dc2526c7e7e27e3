import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startBalancer } from "@/tests/deploy/balancer";
import { expandUnderLock } from "@/tests/deploy/expand-under-lock";
import { makeOldRelease } from "@/tests/deploy/old-release";
import type { TestApp } from "@/tests/setup/app";
import { STATE } from "../../repository";
import type { Fault, Size, Verdict } from "../fault";
import type { House } from "../house";

type Build = { folder: string; release: string };
type Balancer = Awaited<ReturnType<typeof startBalancer>>;
/** How a server of the old release ends. */
type End = (balancer: Balancer, servers: readonly TestApp[]) => Promise<void>;

/** What our tasks have (infra/run/environment.ts). */
const DRAIN_MS = 15_000;
/** There and back again so often. */
const TURNS: Record<Size, number> = { quick: 1, full: 2 };
const SERVERS = 2;
const CALM_MS = 1_500;

const portOf = (app: TestApp): number => Number(new URL(app.baseUrl).port);

export const deploy: Fault = {
  name: "deploy",
  about: `A firm works through a load balancer with health checks: pages with a session, batches, changes of status, exports, static files. Meanwhile a migration adds a column and an index to a table in use, servers of a new build take the place of ${SERVERS} of an old one, and the old ones come back; each server that leaves gets SIGTERM and ${DRAIN_MS / 1000} s to drain.`,
  invariant: "no request fails, before, during and after",
  limitSeconds: { quick: 300 },
  play: (house, size) => rollOut(house, TURNS[size], DRAIN_MS, terminate),
  control: {
    without: "the drain: a server that leaves gets SIGKILL",
    play: (house, size) => rollOut(house, TURNS[size], 0, kill),
  },
};

const terminate: End = async (balancer, servers) => {
  for (const server of servers) {
    process.kill(server.pid, "SIGTERM");
    await balancer.sawLeave(portOf(server));
  }
  for (const server of servers) await server.ended;
};

const kill: End = async (balancer, servers) => {
  for (const server of servers) {
    await server.kill9();
    await balancer.sawLeave(portOf(server));
  }
};

async function rollOut(house: House, turns: number, drainMs: number, end: End): Promise<Verdict> {
  const database = await house.database();
  // They bring the whole of next-auth along, which a list of faults does not need.
  const [{ startLoad }, { makeFirmWithPassword }] = await Promise.all([
    import("@/tests/deploy/rollout-load"),
    import("@/tests/http/call"),
  ]);
  const firm = await makeFirmWithPassword();
  const balancer = await startBalancer();
  house.afterwards(() => balancer.stop());
  const newer: Build = { folder: house.build, release: "new" };
  // On the disk of the build, whose files it links.
  const place = mkdtempSync(path.join(STATE, "old-release-"));
  house.afterwards(() => rm(place, { recursive: true, force: true }));
  const older: Build = { ...makeOldRelease(house.build, path.join(place, "build")), release: "old" };
  const bringUp = async (build: Build): Promise<TestApp[]> => {
    balancer.publish(build.folder);
    const env = {
      APP_BASE_URL: `http://localhost:${balancer.port}`,
      TRUSTED_PROXY_HOPS: "1",
      KEEP_ALIVE_TIMEOUT: "65000",
      DRAIN_MS: String(drainMs),
    };
    const started = Array.from({ length: SERVERS }, () => house.web(database, { folder: build.folder, env }));
    const apps = await Promise.all(started);
    await Promise.all(apps.map((app) => balancer.register(portOf(app), build.release)));
    return apps;
  };

  let running = await bringUp(older);
  const load = await startLoad(`http://localhost:${balancer.port}`, firm);
  await load.more();
  const migrations = await expandUnderLock(database, house.folder());
  await load.more();
  let [left, heard] = [0, 0];
  for (let turn = 0; turn < turns * 2; turn++) {
    const next = await bringUp(turn % 2 === 0 ? newer : older);
    await load.more();
    await end(balancer, running);
    left += running.length;
    running = next;
    await sleep(CALM_MS);
    await load.more();
    for (const each of load.failures.slice(heard, heard + 3)) house.say(`failed: ${each}`);
    heard = load.failures.length;
    house.say(`${left} servers replaced, ${load.total()} requests, ${load.failures.length} failed`);
  }
  await load.stop();
  const figures = {
    serversReplaced: left,
    migrations: migrations.length,
    requests: load.total(),
    failed: load.failures.length,
  };
  return { holds: load.failures.length === 0, figures };
}
