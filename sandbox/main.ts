import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { readSandboxEnv } from "./env";
import { startSandbox } from "./server";

/** Starts of earlier runs; a file that cannot be read is as good as none. */
function earlierStarts(file: string | null): Date[] {
  if (!file) return [];
  try {
    const { starts } = JSON.parse(readFileSync(file, "utf8")) as { starts: string[] };
    return starts.map((each) => new Date(each)).filter((each) => !Number.isNaN(each.getTime()));
  } catch {
    return [];
  }
}

/** Remembers this start. The first one is the anchor of the demo and always stays; of the others the last hundred do. */
function rememberStart(file: string | null, starts: Date[]): void {
  if (!file) return;
  writeFileSync(`${file}.new`, JSON.stringify({ starts: [...starts.slice(0, 1), ...starts.slice(1).slice(-100)] }), {
    mode: 0o600,
  });
  renameSync(`${file}.new`, file);
}

const env = readSandboxEnv();
const earlier = earlierStarts(env.stateFile);
const startedAt = new Date();
const sandbox = await startSandbox({ port: env.port, starts: earlier });
rememberStart(env.stateFile, [...earlier, startedAt]);
if (env.appUrl && env.zoomWebhookSecret) {
  const url = new URL("/api/webhooks/zoom", env.appUrl).href;
  sandbox.zoom.world.webhooks.subscribe({ url, secret: env.zoomWebhookSecret, accountId: null });
}
process.stdout.write(`${JSON.stringify({ event: "listening", url: sandbox.url })}\n`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void sandbox.close().then(() => process.exit(0));
  });
}
