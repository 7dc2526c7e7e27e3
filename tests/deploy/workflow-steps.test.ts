import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { parse } from "yaml";

type Step = { name?: string; run?: string };
const { jobs } = parse(readFileSync(".github/workflows/deploy.yml", "utf8")) as {
  jobs: Record<string, { steps?: Step[] }>;
};
const tools = mkdtempSync(path.join(tmpdir(), "arrestra-tools-"));
afterAll(() => rmSync(tools, { recursive: true }));

/** Runs the commands of a step as GitHub does, with a stand-in for AWS's command line that answers by the words it is called with. */
function runStep(words: string, answers: Record<string, string>): { code: number | null; called: string } {
  const step = jobs.release?.steps?.find(({ name }) => name?.startsWith(words));
  const log = path.join(tools, "called");
  const cases = Object.entries(answers).map(([call, answer]) => `*"${call}"*) ${answer} ;;`);
  writeFileSync(log, "");
  const aws = `#!/bin/sh\necho "aws $*" >> "${log}"\ncase "$*" in\n${cases.join("\n")}\nesac\n`;
  writeFileSync(path.join(tools, "aws"), aws, { mode: 0o755 });
  for (const name of ["docker", "sleep"])
    writeFileSync(path.join(tools, name), `#!/bin/sh\necho "${name} $*" >> "${log}"\n`, { mode: 0o755 });
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: "test",
    PATH: `${tools}:/usr/bin:/bin`,
    GITHUB_SHA: "0a1b2c3",
    GITHUB_REF_NAME: "main",
    RUNNER_TEMP: tools,
  };
  const { status } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step?.run ?? "exit 99"], {
    env,
  });
  return { code: status, called: readFileSync(log, "utf8") };
}

const MIGRATES = {
  "describe-stacks": "echo some-output",
  "run-task": "echo arn:aws:ecs:us-east-1:111122223333:task/cluster/abc",
  "wait tasks-stopped": ":",
  "logs tail": ":",
};

// Seen red with: the comparison taken out.
it.each([
  ["0", 0],
  ["1", 1],
  ["None", 1],
])("goes on after migrations that ended with %s only if that is 0", (code, expected) => {
  const run = runStep("Migrate", { ...MIGRATES, "describe-tasks": `echo ${code}` });
  expect(run.code).toBe(expected);
  expect(run.called).toContain("assignPublicIp=DISABLED");
  expect(run.called).toContain("--log-stream-names migrate/migrate/abc");
});

// Seen red with: one wait.
it("waits on when migrations take longer than AWS's command line waits", () => {
  const first = `[ -f "${tools}/once" ] || { : > "${tools}/once"; exit 255; }`;
  const run = runStep("Migrate", { ...MIGRATES, "wait tasks-stopped": first, "describe-tasks": "echo 0" });
  expect(run.code).toBe(0);
  expect(run.called.match(/wait tasks-stopped/g)).toHaveLength(2);
});

// Seen red with: --delete.
it("puts the files of a build beside those of older ones and removes none, where there is a bucket", () => {
  const run = runStep("Files", { AssetsBucket: "echo a-bucket", ImagesUri: "echo host/arrestra", "s3 sync": ":" });
  expect(run.code).toBe(0);
  expect(run.called).toMatch(/aws s3 sync \S+\/static s3:\/\/a-bucket\/_next\/static/);
  expect(run.called).not.toContain("--delete");
  expect(runStep("Files", { AssetsBucket: "echo None" }).called).not.toContain("s3 sync");
  expect(runStep("Files", { AssetsBucket: "exit 254" }).code).toBe(0);
});

// Seen red without: the look at how it ended.
it.each([
  ["SUCCEED", 0],
  ["FAILED", 1],
  ["CANCELLED", 1],
])("has Amplify build this commit, and is well only when that ended with SUCCEED: %s", (state, expected) => {
  const run = runStep("The web server at Amplify", {
    describe: "echo an-app",
    "start-job": "echo 7",
    "get-job": `echo ${state}`,
  });
  expect(run.code).toBe(expected);
  expect(run.called).toContain("--job-type RELEASE --commit-id 0a1b2c3");
});
