import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { buildApp } from "../../infra/app";
import { EXAMPLES } from "../../infra/examples";
import type { Shape } from "../../infra/settings";

/** What one shape comes to: a template of each stack by its name. */
export type Synthesised = { shape: Shape; stacks: Map<string, Template>; base: Template };

const made = new Map<string, Synthesised>();

/** Synthesises a shape, once for each test file. */
export function synthesise(web: Shape["web"], size: Shape["size"]): Synthesised {
  const name = `${web}-${size}`;
  const known = made.get(name);
  if (known) return known;
  const shape = EXAMPLES.find((each) => each.web === web && each.size === size);
  if (!shape) throw new Error(`no example of ${name}`);
  const folder = mkdtempSync(path.join(tmpdir(), "arrestra-cdk-"));
  try {
    const { stacks } = buildApp(shape, folder).synth();
    const templates = new Map(stacks.map((stack) => [stack.stackName, Template.fromJSON(stack.template)]));
    const base = templates.get("ArrestraBase");
    if (!base) throw new Error("there is no stack ArrestraBase");
    const result = { shape, stacks: templates, base };
    made.set(name, result);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every shape in every size. */
export const ALL_SHAPES = EXAMPLES.map(({ web, size }) => ({ web, size }));
