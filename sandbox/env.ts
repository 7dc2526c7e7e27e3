/** The few settings of the sandbox. It may not read `lib/platform`, so this is its own only place of `process.env`. */
export type SandboxEnv = {
  environment: string;
  port: number;
  stateFile: string | null;
  /** Where the product answers: a Zoom app names the address of its webhooks once, for all accounts. */
  appUrl: string | null;
  zoomWebhookSecret: string | null;
};

export function readSandboxEnv(env: NodeJS.ProcessEnv = process.env): SandboxEnv {
  const port = Number(env.SANDBOX_PORT ?? "0");
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error("SANDBOX_PORT must be a port number, or 0 for a free one.");
  return {
    environment: env.ARRESTRA_ENV ?? "development",
    port,
    stateFile: env.SANDBOX_STATE_FILE || null,
    appUrl: env.APP_BASE_URL || null,
    zoomWebhookSecret: env.ZOOM_WEBHOOK_SECRET || null,
  };
}
