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
  amplify: "list-jobs",
  ce: "get-cost-and-usage",
  cloudformation: "describe-stack-events describe-stack-resources describe-stacks",
  cloudwatch: "get-metric-data",
  ec2: "describe-instances reboot-instances",
  ecr: "describe-images",
  ecs: "describe-services describe-tasks list-services list-tasks update-service",
  iam: "list-access-keys",
  kms: "cancel-key-deletion describe-key",
  lambda: "invoke list-functions",
  logs: "describe-log-groups tail",
  rds: "delete-db-instance describe-db-instance-automated-backups describe-db-instances describe-db-snapshots modify-db-instance restore-db-instance-to-point-in-time start-db-instance-automated-backups-replication wait",
  route53: "get-hosted-zone",
  s3: "sync",
  scheduler: "list-schedules",
  secretsmanager: "describe-secret get-secret-value list-secrets replicate-secret-to-regions rotate-secret",
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

  // Seen red with: npm run look; person erase --why; aws rds describe-all.
  it("gives commands that exist", () => {
    const commands = commandsOf(text);
    expect(commands.length).toBeGreaterThan(0);
    const called = commands.flatMap((line) => [...line.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, each]) => each));
    expect(called.filter((each) => !Object.hasOwn(scripts, each ?? ""))).toEqual([]);
    const ours = [...commands.flatMap(typedIn), ...toldIn(text)];
    expect(ours.map(faultOf).filter((fault) => fault !== null)).toEqual([]);
    const asked = commands.flatMap((line) => [...line.matchAll(/\baws ([a-z][\w-]*) ([a-z][\w-]*)/g)]);
    for (const [words, area = "", verb = ""] of asked) expect(AWS[area]?.split(" "), words).toContain(verb);
  });

  it("is found from the list of pages for a bad day", () => {
    expect(readSource("docs/README.md").text).toContain(`(runbooks/${slug}.md)`);
  });
});
