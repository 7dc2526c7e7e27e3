// How the container's health check, another process, sees that the one process is alive: a file whose time it keeps young. In the temporary folder, the only
// one that may be written.
import { readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

const BEAT_MS = 5_000;
/** Some beats may be late on a machine that is busy; a process whose loop stands still misses all. */
const STOPPED_MS = 30_000;
const ANSWER_MS = 4_000;

const file = (): string => path.join(tmpdir(), "arrestra-heartbeat.json");

/** Begins to keep the file young; holds nothing open. */
export function beat(command: string): void {
  const write = () => writeFileSync(file(), JSON.stringify({ command, port: Number(process.env.PORT || 3000) }));
  write();
  setInterval(() => {
    const now = new Date();
    try {
      utimesSync(file(), now, now);
    } catch {
      write();
    }
  }, BEAT_MS).unref();
}

/** Sets the exit code to 0 when the process of this container is well, else to 1, and says which. */
export async function asksForHealth(): Promise<void> {
  const trouble = await findTrouble();
  console.log(trouble ?? "well");
  process.exitCode = trouble ? 1 : 0;
}

async function findTrouble(): Promise<string | null> {
  const stat = statSync(file(), { throwIfNoEntry: false });
  if (!stat) return "nothing runs here";
  const age = Date.now() - stat.mtimeMs;
  if (age > STOPPED_MS) return `no heartbeat for ${Math.round(age / 1000)} s`;
  const { command, port } = JSON.parse(readFileSync(file(), "utf8")) as { command: string; port: number };
  return command === "web" ? asksServer(port) : null;
}

/** Any answer will do: a database that is away is no reason to end a server that will find it again. The load balancer reads what the answer says. */
function asksServer(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const asked = http.get({ host: "127.0.0.1", port, path: "/api/health", timeout: ANSWER_MS }, (reply) => {
      reply.resume();
      resolve(null);
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.on("error", (error) => resolve(`the web server does not answer: ${error.message}`));
  });
}
