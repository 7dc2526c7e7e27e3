import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SLUGS } from "../../infra/watch/slugs";
import { readSource } from "../architecture/tree";

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
  rds: "describe-db-snapshots",
  route53: "get-hosted-zone",
  s3: "sync",
  scheduler: "list-schedules",
  secretsmanager: "describe-secret get-secret-value list-secrets rotate-secret",
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

describe.each(SLUGS)("the page of the alarm %s", (slug) => {
  const file = `docs/runbooks/${slug}.md`;
  const text = existsSync(file) ? readSource(file).text : "";

  // Seen red without: the page of an alarm; a page whose first block was taken out.
  it("begins with a command, says what it means and ends with how to know that it worked", () => {
    expect(text).toMatch(/^# .+\n\n```sh\n/);
    expect(text).toMatch(/^(?:\*\*What (?:it means|people see)\.\*\*|\*\*How an alarm shows\.\*\*)/m);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings.at(-1)).toBe(LAST);
    expect(text.split(`## ${LAST}\n`)[1]?.trim().length).toBeGreaterThan(40);
  });

  // Seen red with: npm run look.
  it("gives commands that exist", () => {
    const commands = commandsOf(text);
    expect(commands.length).toBeGreaterThan(0);
    const called = commands.flatMap((line) => [...line.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, each]) => each));
    expect(called.filter((each) => !Object.hasOwn(scripts, each ?? ""))).toEqual([]);
    const asked = commands.flatMap((line) => [...line.matchAll(/\baws ([a-z][\w-]*) ([a-z][\w-]*)/g)]);
    for (const [words, area = "", verb = ""] of asked) expect(AWS[area]?.split(" "), words).toContain(verb);
  });

  it("is found from the list of pages for a bad day", () => {
    expect(readSource("docs/README.md").text).toContain(`(runbooks/${slug}.md)`);
  });
});
