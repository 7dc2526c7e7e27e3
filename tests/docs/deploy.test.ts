import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ENV_NAMES } from "@/lib/platform/env";
import { readShape } from "../../infra/settings";
import { listFiles, readSource } from "../architecture/tree";

const deploy = readSource("docs/deploy.md").text;
const pages = ["docs/deploy.md", "docs/how-to/roll-back.md", ...listFiles("docs/runbooks")].map((file) =>
  readSource(file),
);
const prose = [...pages.map(({ text }) => text), readSource(".github/workflows/deploy.yml").text].join("\n");
const infra = listFiles("infra")
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readSource(file).text)
  .join("\n");
const found = (pattern: RegExp, text = prose): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, a = ""]) => a)),
];

// Seen red with: a setting left out of the page's example.
it("shows settings of a deployment that are taken as they stand", () => {
  const example = /```json\n([\s\S]*?)```/.exec(deploy)?.[1] ?? "";
  const { app, context } = JSON.parse(example) as { app: string; context: Record<string, unknown> };
  expect(readShape({ ...context, imageTag: "0000000" })).toMatchObject({ web: "ecs", size: "small" });
  expect(app).toBe((JSON.parse(readFileSync("infra/cdk.json", "utf8")) as { app: string }).app);
});

// Seen red with: an output, a stack and a log group of other names.
it("names stacks, outputs, logs and secrets as the templates do", () => {
  const stacks = found(/\b(Arrestra[A-Z]\w+)/g).map((name) => name.replace(/\*$/, ""));
  expect(stacks.length).toBeGreaterThan(5);
  expect(stacks.filter((name) => !infra.includes(`"${name}"`))).toEqual([]);
  const outputs = [
    ...found(/\boutput "?Arrestra\w+"? (\w+)/g),
    ...found(/OutputKey=='(\w+)'/g),
    ...found(/run_task Arrestra\w+ (\w+)/g),
  ];
  expect(outputs.length).toBeGreaterThan(6);
  expect(outputs.filter((name) => !new RegExp(`\\b${name}[":]`).test(infra))).toEqual([]);
  const logs = found(/logs tail "?\/arrestra\/(\w+)/g);
  expect(logs.length).toBeGreaterThan(3);
  expect(logs.filter((name) => !infra.includes(`/arrestra/${name}`) && !infra.includes(`logs("${name}")`))).toEqual([]);
  const secrets = found(/\$\(secret '([^']+)'\)/g);
  expect(secrets.length).toBe(4);
  expect(secrets.filter((words) => !infra.includes(`"${words}`))).toEqual([]);
});

it("fills secrets with settings that there are", () => {
  const filled = [...found(/^ {2}"([A-Z][A-Z_]+)":/gm, deploy), ...found(/\{"([A-Z][A-Z_]+)":/g, deploy)];
  expect(filled.length).toBeGreaterThan(9);
  expect(filled.filter((name) => ![...ENV_NAMES, "DATABASE_URL"].includes(name))).toEqual([]);
});
