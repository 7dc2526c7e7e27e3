import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SLUGS } from "../../infra/watch/slugs";
import { JOBS } from "../../lib/contracts/jobs";
import { COMMANDS } from "../../scripts/arrestra/run-command";
import { listFiles, readSource } from "../architecture/tree";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const LAST = "How to know that it worked";

/** What the pages ask AWS's command line for: there is none here to ask, so a new word is looked up by whoever adds it. */
const AWS: Record<string, string> = {
  acm: "describe-certificate list-certificates",
  amplify: "list-jobs update-app",
  ce: "get-cost-and-usage",
  cloudtrail: "lookup-events",
  s3api: "get-object list-objects-v2 put-object",
  "application-autoscaling": "register-scalable-target describe-scalable-targets",
  cloudformation: "describe-stack-events describe-stack-resources describe-stacks",
  cloudwatch: "get-metric-data",
  ec2: "describe-instances reboot-instances",
  ecr: "describe-images",
  ecs: "describe-services describe-tasks list-services list-tasks update-service wait",
  iam: "delete-access-key list-access-keys update-access-key",
  kms: "cancel-key-deletion describe-key",
  lambda: "get-function-concurrency invoke list-functions put-function-concurrency",
  logs: "describe-log-groups filter-log-events tail",
  rds: "create-db-snapshot delete-db-instance describe-db-instance-automated-backups describe-db-instances describe-db-snapshots modify-db-instance reboot-db-instance restore-db-instance-to-point-in-time start-db-instance-automated-backups-replication wait",
  route53: "get-hosted-zone",
  s3: "rm sync",
  scheduler: "list-schedules",
  secretsmanager:
    "describe-secret get-secret-value list-secrets put-secret-value replicate-secret-to-regions rotate-secret",
  sesv2: "get-account get-email-identity",
  "service-quotas": "list-service-quotas",
  sns: "get-sms-attributes list-phone-numbers-opted-out",
  sqs: "get-queue-attributes purge-queue receive-message",
};

/** The commands of a page: each line of its blocks for a shell, and what stands in the running text and begins with npm or aws. */
function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) => block);
  const inText = [...text.matchAll(/`((?:npm run|aws) [^`]+)`/g)].map(([, command = ""]) => command);
  return [...blocks.flatMap((block) => block.split("\n")), ...inText].map((line) => line.trim()).filter(Boolean);
}

/** What is typed after `arrestra` in a command, in a shell's words: up to where another command begins. */
const typedIn = (line: string): string[][] =>
  [...line.replaceAll(/<[^<>]+>/g, "X").matchAll(/\bnpm run arrestra -- ([^\n|;&>]*)/g)].map(([, words = ""]) =>
    words.trim().split(/\s+/),
  );

/** The same as a task of the image is told. */
const toldIn = (text: string): string[][] =>
  [...text.matchAll(/"command":\["arrestra",("[^\]]+)\]/g)].map(([, words = ""]) =>
    words.split(",").map((word) => word.replaceAll('"', "")),
  );

/** What is wrong with a command of arrestra, by the words that it takes itself. */
function faultOf(words: readonly string[]): string | null {
  const name = [words.slice(0, 2).join(" "), words[0] ?? ""].find((each) => Object.hasOwn(COMMANDS, each));
  if (name === undefined) return words[0] === "help" ? null : `there is no command ${words.slice(0, 2).join(" ")}`;
  const usage = COMMANDS[name]?.usage ?? "";
  const strange = words
    .filter((word) => word.startsWith("--"))
    .find((word) => !usage.split(/[\s[\]()|]+/).includes(word));
  return strange === undefined ? null : `${name} takes no ${strange}`;
}

/** The commands of the image that are for operators: they are given the secrets and end. */
const IMAGE = [
  ...readSource("scripts/container/entry.ts").text.matchAll(/^ {2}"?([a-z][\w-]*)"?: \{[^{}]*withSecrets\(/gm),
].map(([, name = ""]) => name);

/** What is wrong with a command that `operate` of docs/deploy.md is given: it starts the image with these words. */
function faultOfOperate([first = "", ...rest]: readonly string[]): string | null {
  if (!IMAGE.includes(first)) return `operators have no command ${first} of the image`;
  if (first === "arrestra") return faultOf(rest);
  return first === "firm" ? faultOf([first, ...rest]) : null;
}

/** What a page has somebody type after `operate`, in text and in blocks. */
const operatedIn = (text: string): string[][] =>
  [...text.replaceAll(/<[^<>\n]+>/g, "X").matchAll(/(?:`|^ *)operate ([^`\n|;&>]+)/gm)].map(([, words = ""]) =>
    words.trim().split(/\s+/),
  );

/** The options that a program of npm takes, where it reads them itself; null where it hands them on. */
function optionsOf(script: string): readonly string[] | null {
  const file = `scripts/${/launch\.mjs (\S+)/.exec(scripts[script] ?? "")?.[1]}.ts`;
  if (script === "arrestra" || !listFiles("scripts").includes(file)) return null;
  const { text } = readSource(file);
  if (!text.includes("parseArgs(")) return null;
  return [...text.matchAll(/"?([a-z][\w-]*)"?: \{ type: "(?:string|boolean)"/g)].map(([, name = ""]) => name);
}

/** Programs that are commands of arrestra too, and take what those take. */
const TWINS: Record<string, string[]> = { "audit:verify": ["audit", "verify"], "rotate:fields": ["fields", "rotate"] };

/** What is wrong with the options of a program of npm, and what it cannot do without. */
function faultOfScript(line: string): string | null {
  const plain = line.replaceAll(/<[^<>]+>/g, "X");
  const [, script = "", words = ""] = /\bnpm run ([a-z][\w:-]*)(?: -- ([^\n|;&>]*))?/.exec(plain) ?? [];
  const told = [...words.matchAll(/(?:^| )--([a-z][\w-]*)/g)].map(([, name = ""]) => name);
  if (script === "smoke" && !told.includes("firm")) return "smoke does nothing without --firm";
  const twin = TWINS[script];
  if (twin) return faultOf([...twin, ...told.map((name) => `--${name}`)]);
  const taken = optionsOf(script);
  const strange = taken && told.find((name) => !taken.includes(name));
  return strange ? `${script} takes no --${strange}` : null;
}

/** Functions of the shell that a page defines, with their bodies. */
const functionsIn = (text: string): [string, string][] =>
  [...text.matchAll(/^(\w+)\(\) \{(.*\}$|[\s\S]*?^\}$)/gm)].map(([, name = "", body = ""]) => [name, body]);

const PAGES = listFiles("docs/runbooks").map((file) => file.replace(/^docs\/runbooks\/|\.md$/g, ""));

// Seen red without: the page of an alarm.
it("has a page for every alarm, and one for each bad day that no alarm tells of", () => {
  expect(PAGES).toEqual(expect.arrayContaining([...SLUGS]));
  expect(PAGES).toEqual(
    expect.arrayContaining([
      "restore",
      "leaked-key",
      "court-page-changed",
      "firm-leaving",
      "region-loss",
      "erase-person",
    ]),
  );
});

// Seen red without: evidence.check in the table; with: the .dead of a kind that there is not.
it("says of every kind of job what brings it back when it is dead, and of no other", () => {
  const { text } = readSource("docs/runbooks/dead-letters.md");
  const [, table = ""] = /^\| queue +\| who asks again +\|\n([\s\S]*?)\n\n/m.exec(text) ?? [];
  const told = table.split("\n").flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)]);
  expect(told.map(([, name]) => name).sort()).toEqual(Object.keys(JOBS).sort());
});

// Seen red with: an output() of other arguments on another page.
it("means one thing by one function of the shell, whichever page defines it", () => {
  const bodies = new Map<string, Set<string>>();
  for (const file of listFiles("docs").filter((each) => each.endsWith(".md")))
    for (const [name, body] of functionsIn(readSource(file).text))
      bodies.set(name, (bodies.get(name) ?? new Set()).add(body));
  expect([...bodies.keys()]).toEqual(expect.arrayContaining(["output", "run_task", "operate"]));
  expect([...bodies].filter(([, different]) => different.size > 1).map(([name]) => name)).toEqual([]);
});

// What the next tests hold pages against.
it("knows which options the programs of npm take", () => {
  expect(optionsOf("smoke")).toEqual(["firm", "release", "other-firm"]);
  expect(optionsOf("drill:restore")).toContain("check");
  expect(IMAGE).toEqual(expect.arrayContaining(["arrestra", "audit-verify", "rotate-fields"]));
});

describe.each(PAGES)("the page %s", (slug) => {
  const { text } = readSource(`docs/runbooks/${slug}.md`);

  // Seen red with: a page whose first block was taken out; a page whose last heading was another.
  it("begins with a command, says what it means and ends with how to know that it worked", () => {
    expect(text).toMatch(/^# .+\n\n```sh\n/);
    const [, first = ""] = /^```sh\n([\s\S]*?)^```/m.exec(text) ?? [];
    expect(first).toMatch(/\b(?:npm run|aws|curl) /);
    expect(text).toMatch(/^(?:\*\*What (?:it means|people see)\.\*\*|\*\*How an alarm shows\.\*\*)/m);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings.at(-1)).toBe(LAST);
    expect(text.split(`## ${LAST}\n`)[1]?.trim().length).toBeGreaterThan(40);
  });

  // Seen red with: npm run look; person erase --why; aws rds describe-all; smoke without --firm, or with --tag; drill:restore --states; operate health; operate firm list --json.
  it("gives commands that exist", () => {
    const commands = commandsOf(text);
    expect(commands.length).toBeGreaterThan(0);
    const called = commands.flatMap((line) => [...line.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, each]) => each));
    expect(called.filter((each) => !Object.hasOwn(scripts, each ?? ""))).toEqual([]);
    const ours = [...commands.flatMap(typedIn), ...toldIn(text)];
    expect(ours.map(faultOf).filter((fault) => fault !== null)).toEqual([]);
    const asked = commands.flatMap((line) => [...line.matchAll(/\baws ([a-z][\w-]*) ([a-z][\w-]*)/g)]);
    const all = [text, ...commands].flatMap((each) => each.match(/npm run [a-z][^`\n]*/g) ?? []);
    expect(all.map(faultOfScript).filter((fault) => fault !== null)).toEqual([]);
    expect(
      operatedIn(text)
        .map(faultOfOperate)
        .filter((fault) => fault !== null),
    ).toEqual([]);
    for (const [words, area = "", verb = ""] of asked) expect(AWS[area]?.split(" "), words).toContain(verb);
  });

  // Seen red with: a loop without its done.
  it("gives blocks that a shell can read", () => {
    const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) => block);
    const input = blocks.join("\n").replaceAll(/<[^<>\n()|&;]+>/g, "X");
    expect(spawnSync("bash", ["-n"], { input, encoding: "utf8" }).stderr).toBe("");
  });

  // Seen red without: the line under the first block of a page.
  it("says how its first command is typed at AWS, where no clone reaches the database", () => {
    const [, first = "", after = ""] = /^```sh\n([\s\S]*?)^```\n\n((?:.+\n)+)/m.exec(text) ?? [];
    // Sources are read where the firms' keys are, with or without AWS; the page about a person says it at the step that erases.
    if (/^npm run (?:arrestra -- (?!sources|person)|audit:verify)/.test(first))
      expect(after).toMatch(
        /^At AWS: `operate [^`]+` \(\[deploy\]\(\.\.\/deploy\.md#working-on-the-running-service\)\)/,
      );
  });

  // Seen red without: the link at one block.
  it("says with each SQL how somebody comes to type it", () => {
    for (const [, before = ""] of text.matchAll(/(?:^|\n)((?:.+\n)+)\n```sql\n/g))
      expect(before).toContain("deploy.md#sql-by-hand");
  });

  it("is found from the list of pages for a bad day", () => {
    expect(readSource("docs/README.md").text).toContain(`(runbooks/${slug}.md)`);
  });
});
