import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import { startApp, type TestApp } from "../setup/app";
import { makeFirm } from "../setup/firms";
import { request, until } from "../setup/http";
import { fillWithLeads } from "../setup/many-leads";
import { ownDatabase } from "../setup/own-database";

// What a server does between SIGTERM and its end. Real processes: nothing else has signals, sockets and an exit code.

const DRAIN_MS = 3_000;
const running: TestApp[] = [];
afterAll(async () => {
  await Promise.all(running.map((app) => app.kill9()));
  await closeDatabase();
});

async function start(env: Record<string, string> = {}): Promise<TestApp> {
  // As behind a load balancer, which keeps connections for a minute.
  const app = await startApp({ database: ownDatabase, env: { KEEP_ALIVE_TIMEOUT: "65000", ...env } });
  running.push(app);
  return app;
}
const terminate = (app: TestApp) => process.kill(app.pid, "SIGTERM");
const health = (app: TestApp) => request(`${app.baseUrl}/api/health`);
const isRefused = (app: TestApp) =>
  health(app).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === "ECONNREFUSED",
  );

describe("a server that is told to end", () => {
  // Each was seen red: without isLeaving() in the health route; without the pause before Next's ending; without "connection: close"; without the sweep of idle
  // connections (the process outlives the test); without the exit code.
  it("says so, serves on for a moment, finishes a slow export whole, then takes nothing and ends with 0", async () => {
    const firm = await makeFirm();
    await fillWithLeads(ownDatabase.adminUrl, firm.id, 40_000);
    const app = await start({ DRAIN_MS: String(DRAIN_MS) });
    const key = { "x-api-key": firm.key.text };
    const keepAlive = new http.Agent({ keepAlive: true });
    expect((await health(app)).json()).toMatchObject({ status: "ok", release: expect.any(String) });

    // Its client reads the beginning, and nothing more until the server is long past its drain.
    const slow = await openOver(keepAlive, app, firm.slug, "/api/leads/export", key);
    const chunks: Buffer[] = [];
    slow.on("data", (chunk: Buffer) => chunks.push(chunk));
    await until("the export begins", () => chunks.length > 0);
    slow.pause();

    terminate(app);
    const leaving = await until("it says that it leaves", async () => {
      const reply = await health(app);
      return reply.status === 503 ? reply : null;
    });
    expect([leaving.json(), leaving.headers["retry-after"]]).toMatchObject([{ status: "draining" }, "2"]);
    const served = await request(`${app.baseUrl}/api/leads`, { headers: { ...key, host: hostOf(app, firm.slug) } });
    expect(served.status).toBe(200);
    const told = await openOver(keepAlive, app, firm.slug, "/api/leads", key);
    expect([told.statusCode, told.resume().headers.connection]).toEqual([200, "close"]);

    await until("it takes nothing new", () => isRefused(app));
    expect(isThere(app)).toBe(true);
    slow.resume();
    await new Promise((resolve, reject) => slow.once("end", resolve).once("error", reject).once("aborted", reject));
    const text = Buffer.concat(chunks).toString("utf8");
    expect(text.split("\r\n").length).toBe(40_000 + 2);
    const { length } = Buffer.concat(chunks);
    // More than sockets hold: it was really under way.
    expect(length).toBeGreaterThan(8_000_000);
    expect(await Promise.race([app.ended, sleep(10_000).then(() => "still there")])).toBe(0);
  });

  it("ends at once and with 0 when it has nothing to wait for", async () => {
    const app = await start();
    const kept = new http.Agent({ keepAlive: true });
    const reply = await openOver(kept, app, "nobody", "/api/leads");
    await new Promise((resolve) => reply.resume().once("end", resolve));
    terminate(app);
    expect(await Promise.race([app.ended, sleep(5_000).then(() => "still there")])).toBe(0);
    kept.destroy();
  });
});

const hostOf = (app: TestApp, slug: string): string => new URL(app.firmUrl(slug)).host;

function isThere(app: TestApp): boolean {
  try {
    return process.kill(app.pid, 0);
  } catch {
    return false;
  }
}

/** Asks over a connection that the client would keep. */
function openOver(
  agent: http.Agent,
  app: TestApp,
  slug: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<http.IncomingMessage> {
  const port = Number(new URL(app.baseUrl).port);
  const options = { agent, host: "127.0.0.1", port, path, headers: { ...headers, host: hostOf(app, slug) } };
  return new Promise((resolve, reject) => http.get(options, resolve).once("error", reject));
}
