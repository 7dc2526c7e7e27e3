// Writes the templates of both shapes in both sizes, without an account or a network: npm run infra:synth
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { STATE } from "./repository";

const startedAt = performance.now();
const { buildApp } = await import("../infra/app");
const { EXAMPLES } = await import("../infra/examples");
const { countsOf, estimateLines, estimateMonth } = await import("../infra/watch/estimate");
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;
console.log(`the CDK is loaded after ${seconds(startedAt)}`);

for (const shape of EXAMPLES) {
  const since = performance.now();
  const folder = path.join(STATE, "cdk", `${shape.web}-${shape.size}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { stacks } = buildApp(shape, folder).synth();
  const counts = stacks.map(
    ({ stackName, template }) => `${stackName} ${Object.keys(template.Resources ?? {}).length} resources`,
  );
  console.log(`${path.relative(process.cwd(), folder)}: ${counts.join(", ")} (${seconds(since)})`);
  console.log(estimateLines(estimateMonth(shape, countsOf(stacks.map(({ template }) => template)))).join("\n"));
}
console.log(`done in ${seconds(startedAt)}`);
