import { subscribe } from "node:diagnostics_channel";
import type { Server, ServerResponse } from "node:http";
import { env } from "@/lib/platform/env";
import { log } from "@/lib/platform/log";
import { flushTraces } from "@/lib/platform/traced";

/** Node publishes it for every request, before anything reads it. */
const CHANNEL = "http.server.request.start";
/** What ECS gives a web task between SIGTERM and SIGKILL (`stopTimeout` in infra/run/web.ts), less a margin. */
const STOP_WITHIN_MS = 55_000;
/** What Next's own handler ends with once it has closed everything: 128 and the number of SIGTERM. */
const ENDED_BY_SIGTERM = 143;
const SWEEP_MS = 100;

// One per process: the server starts it in one bundle, the health route reads it in another.
const holder = globalThis as typeof globalThis & { arrestraIsLeaving?: boolean };

/** Whether this server was told to end: from then on `/api/health` says so, and a load balancer sends its requests elsewhere. */
export const isLeaving = (): boolean => holder.arrestraIsLeaving === true;

/**
 * Makes SIGTERM a leave in three steps: for `DRAIN_MS` the server serves on and says that it is leaving, connections close with their next reply; then it takes
 * nothing new and finishes what is under way; then it ends with 0. Next's handler does the second step, and would do it at once. What is not finished in time is
 * cut off by us, with a line in the log and 1, and not by the platform without a word.
 */
export function drainBeforeEnding(stopWithinMs = STOP_WITHIN_MS): void {
  const drainMs = env().DRAIN_MS;
  const endings = process.listeners("SIGTERM");
  const servers = new Set<Server>();
  subscribe(CHANNEL, (message) => {
    const { server, response } = message as { server: Server; response: ServerResponse };
    servers.add(server);
    if (isLeaving()) response.setHeader("connection", "close");
  });
  for (const ending of endings) process.removeListener("SIGTERM", ending);
  process.on("SIGTERM", () => {
    if (isLeaving()) return;
    holder.arrestraIsLeaving = true;
    log.info("leaving", { durationMs: drainMs });
    setTimeout(() => void flushTraces().finally(() => finish(endings, servers)), drainMs);
    setTimeout(() => {
      log.error("requests were cut off: they took longer than there was time to leave", { durationMs: stopWithinMs });
      process.exit(1);
    }, stopWithinMs).unref();
  });
}

function finish(endings: readonly NodeJS.SignalsListener[], servers: ReadonlySet<Server>): void {
  process.once("exit", (code) => {
    if (code === ENDED_BY_SIGTERM) process.exitCode = 0;
  });
  // A connection whose reply began before SIGTERM never heard that it should close: it would stay open as long as its client likes to keep it.
  setInterval(() => {
    for (const server of servers) server.closeIdleConnections();
  }, SWEEP_MS).unref();
  for (const ending of endings) ending("SIGTERM");
  if (endings.length === 0) process.exit(0);
}
