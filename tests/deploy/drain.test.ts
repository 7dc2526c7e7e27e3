import http from "node:http";
import { expect, it } from "vitest";
import { startScript } from "../setup/app";
import { until } from "../setup/http";

// Seen red without: the deadline (the process stays until it is killed, without a word).
it("cuts off what does not end before the platform would kill it, with a line in the log and 1", async () => {
  const server = startScript("tests/deploy/drain-server.ts", { ARRESTRA_ENV: "test", LOG_LEVEL: "info" }, ["300"]);
  try {
    const port = await until("it listens", () => /^(\d+)$/m.exec(server.logs())?.[1]);
    const sent = http.get({ host: "127.0.0.1", port });
    const cut = new Promise<string | undefined>((resolve) =>
      sent.once("error", (error: NodeJS.ErrnoException) => resolve(error.code)),
    );
    await until("it is asked", () => server.logs().includes("asked"));
    process.kill(server.pid, "SIGTERM");
    expect([await server.ended, await cut]).toEqual([1, "ECONNRESET"]);
    expect(server.logs()).toContain("requests were cut off");
  } finally {
    await server.kill9();
  }
});
