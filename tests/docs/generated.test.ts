import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CONNECTOR_NAMES } from "@/lib/core/connectors";
import { ERROR_TABLE } from "@/lib/core/errors";
import { EVENTS } from "@/lib/domain/events/catalog";
import { EXPORT_HEADER } from "@/lib/domain/export/export-columns";
import { makeOpenApi } from "../../scripts/docs/openapi";
import { fill, renderDocuments } from "../../scripts/docs/render";

const page = (name: string): string => readFileSync(`docs/reference/${name}.md`, "utf8");

it("says in every generated part what the code says now", () => {
  const stale = renderDocuments().filter(({ isStale }) => isStale);
  expect(
    stale.map(({ file }) => file),
    "run: npm run docs",
  ).toEqual([]);
});

it("leaves what is written by hand alone, and does not lose its place silently", () => {
  const before = "words\n<!-- generated: a -->\nold\n<!-- /generated -->\nmore words\n";
  expect(fill("x.md", before, "a", "new")).toBe("words\n<!-- generated: a -->\nnew\n<!-- /generated -->\nmore words\n");
  expect(() => fill("x.md", "words", "a", "new")).toThrow("no place");
});

it.each(Object.keys(ERROR_TABLE))("explains the error code %s under a heading of its own", (code) => {
  const [, section = ""] = page("errors").split(`\n## ${code}\n`);
  expect(section.split("\n## ")[0]?.length).toBeGreaterThan(120);
});

it.each(Object.keys(EVENTS))("says when %s is recorded", (type) => {
  expect(page("events")).toMatch(new RegExp(`^\\| \`${type}\` +\\| \\w`, "m"));
});

it("lists every column of the export in order", () => {
  const listed = [...page("export").matchAll(/^\| \d+ +\| `(\w+)` +\|/gm)].map(([, name]) => name);
  expect(listed).toEqual(EXPORT_HEADER);
});

it("describes the API without a reference that leads nowhere", () => {
  const text = JSON.stringify(makeOpenApi());
  const { components } = JSON.parse(text) as { components: { schemas: Record<string, unknown> } };
  const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name as string);
  expect(references.length).toBeGreaterThan(20);
  expect(references.filter((name) => !Object.hasOwn(components.schemas, name))).toEqual([]);
});

it("names the services that may stand in a path, and calls none of them an id", () => {
  const operations = makeOpenApi().paths as Record<string, Record<string, { parameters: { name: string }[] }>>;
  const named = Object.values(operations)
    .flatMap((methods) => Object.values(methods).flatMap(({ parameters }) => parameters))
    .filter(({ name }) => name === "provider");
  expect(named.length).toBeGreaterThan(0);
  // Seen red without: the words that stand in paths.
  for (const { schema } of named as { schema?: object }[])
    expect(schema).toEqual({ type: "string", enum: CONNECTOR_NAMES });
});
