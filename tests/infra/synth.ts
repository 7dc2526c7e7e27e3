import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { buildApp } from "../../infra/app";
import { EXAMPLES } from "../../infra/examples";
import type { Shape } from "../../infra/settings";

/** What one shape comes to: a template of each stack by its name, and what an account would have been asked for. */
export type Synthesised = { shape: Shape; stacks: Map<string, Template>; base: Template; lookups: readonly unknown[] };
type Options = {
  /** Checks the templates by CloudFormation's own rules too, which costs seconds. */
  byRules?: true;
};

/** The shapes that CloudFormation's own rules are asked about: seconds each, so two, which a test shows to be enough. */
export const BY_RULES: readonly string[] = ["amplify-small", "ecs-production"];

const made = new Map<string, Synthesised>();

/** Synthesises a shape, once for all files of tests, whichever asks first. */
export function synthesise(web: Shape["web"], size: Shape["size"]): Synthesised {
  const name = `${web}-${size}`;
  const shape = EXAMPLES.find((each) => each.web === web && each.size === size);
  if (!shape) throw new Error(`no example of ${name}`);
  const result = made.get(name) ?? synthesiseShape(shape, BY_RULES.includes(name) ? { byRules: true } : {});
  made.set(name, result);
  return result;
}

/** Synthesises a shape of the test's own. */
export function synthesiseShape(shape: Shape, { byRules }: Options = {}): Synthesised {
  const folder = mkdtempSync(path.join(tmpdir(), "arrestra-cdk-"));
  process.env.CDK_VALIDATION = String(byRules ?? false);
  try {
    const { stacks, manifest } = buildApp(shape, folder).synth();
    const templates = new Map(stacks.map((stack) => [stack.stackName, Template.fromJSON(stack.template)]));
    const base = templates.get("ArrestraBase");
    if (!base) throw new Error("there is no stack ArrestraBase");
    return { shape, stacks: templates, base, lookups: manifest.missing ?? [] };
  } finally {
    delete process.env.CDK_VALIDATION;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One resource of a template, by the stack and the id that it has there. */
export type Resource = {
  name: string;
  id: string;
  properties: Record<string, unknown>;
  policy: string | undefined;
};

/** The resources of these types in all stacks of a shape. */
export const resourcesOf = ({ stacks }: Synthesised, ...types: readonly string[]): Resource[] =>
  [...stacks].flatMap(([stack, template]) =>
    types.flatMap((type) =>
      Object.entries(template.findResources(type)).map(([id, { Properties, DeletionPolicy }]) => ({
        name: `${stack}/${id}`,
        id,
        properties: Properties ?? {},
        policy: DeletionPolicy,
      })),
    ),
  );

/** Every shape in every size. */
export const ALL_SHAPES = EXAMPLES.map(({ web, size }) => ({ web, size }));
