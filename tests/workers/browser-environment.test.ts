import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, vi } from "vitest";
import { ENV_NAMES } from "@/lib/platform/env";
import { browserFetcher } from "@/workers/sources/fetchers/browser";

/** What a shell sets by itself. */
const OF_THE_SHELL = ["PWD", "OLDPWD", "SHLVL", "_"];

// Seen red without: env of the launch.
it("shows a browser, which runs what strangers' pages say, none of the scraper's settings", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "arrestra-chromium-"));
  const seen = path.join(folder, "names");
  const standIn = path.join(folder, "chromium");
  writeFileSync(standIn, `#!/bin/sh\nenv | sed 's/=.*//' > ${seen}\nexit 1\n`, { mode: 0o755 });
  for (const name of [...ENV_NAMES, "AWS_SESSION_TOKEN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "SOME_STRANGER"]) {
    vi.stubEnv(name, "x");
  }
  vi.stubEnv("HOME", folder);
  vi.stubEnv("LD_LIBRARY_PATH", folder);
  vi.stubEnv("FONTCONFIG_FILE", undefined);
  try {
    const gate = { userAgent: "Fictus", enter: async () => {} };
    const fetcher = browserFetcher(gate, { timeoutMs: 10_000, vendor: "Fictus", executablePath: standIn });
    await expect(fetcher.fetch({ url: "http://127.0.0.1:9/" })).rejects.toThrow();
    const names = readFileSync(seen, "utf8").trim().split("\n");
    const allowed = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "LANG", "TZ"];
    expect(names).toEqual(expect.arrayContaining(["PATH", "HOME", "LD_LIBRARY_PATH"]));
    expect(names.filter((name) => ![...allowed, ...OF_THE_SHELL].includes(name))).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  }
});
