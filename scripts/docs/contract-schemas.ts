import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import * as account from "@/lib/contracts/account";
import * as alerts from "@/lib/contracts/alerts";
import * as apiKeys from "@/lib/contracts/api-keys";
import * as audit from "@/lib/contracts/audit";
import * as connections from "@/lib/contracts/connections";
import * as consultations from "@/lib/contracts/consultations";
import * as domains from "@/lib/contracts/domains";
import * as evidence from "@/lib/contracts/evidence";
import * as exports from "@/lib/contracts/exports";
import * as health from "@/lib/contracts/health";
import * as imports from "@/lib/contracts/imports";
import * as ingest from "@/lib/contracts/ingest";
import * as leads from "@/lib/contracts/leads";
import * as problem from "@/lib/contracts/problem";
import * as providers from "@/lib/contracts/providers";
import * as users from "@/lib/contracts/users";
import { COUNTIES, LEAD_COUNTIES, NO_COUNTY } from "@/lib/core/county";
import { ROOT } from "../repository";

/** A JSON Schema as far as the documents look into it. */
export type JsonSchema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  default?: unknown;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  [more: string]: unknown;
};

const FILES = {
  account,
  alerts,
  "api-keys": apiKeys,
  audit,
  connections,
  consultations,
  domains,
  evidence,
  exports,
  health,
  imports,
  ingest,
  leads,
  problem,
  providers,
  users,
};
const PREFIX = "#/components/schemas/";

/** Every schema of lib/contracts under the name it is exported by. */
const named: Record<string, z.ZodType> = Object.fromEntries(
  Object.values(FILES).flatMap((file) =>
    Object.entries(file).filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType),
  ),
);

/**
 * These schemas, and those that they speak of, as JSON Schema. What comes in is described as it may be sent (`input`: defaults are optional), what goes out
 * as it is answered. Descriptions are the comments of lib/contracts.
 */
export function jsonSchemas(names: readonly string[], io: "input" | "output"): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) if (!registry.has(schema)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri: (id) => `${PREFIX}${id}`, unrepresentable: "any" });
  const kept: Record<string, JsonSchema> = {};
  const keep = (name: string): void => {
    if (kept[name]) return;
    const schema = schemas[name] as JsonSchema | undefined;
    if (!schema) throw new Error(`lib/contracts exports no schema ${name}`);
    kept[name] = describeSchema(name, tidy(name === "IngestEnvelope" ? withRows(schema) : schema));
    for (const other of namesIn(kept[name])) keep(other);
  };
  for (const name of names) keep(name);
  return kept;
}

/** The envelope takes rows as they come; the verb parses each by itself, with one of these two. */
const withRows = (envelope: JsonSchema): JsonSchema => {
  const rows = { ...envelope.properties?.leads, items: { anyOf: ["IngestLead", "IngestWithdrawal"].map(ref) } };
  return { ...envelope, properties: { ...envelope.properties, leads: rows } };
};

/** A reference to a schema by its name. */
export const ref = (name: string): JsonSchema => ({ $ref: `${PREFIX}${name}` });

/** The counties once, under a name of their own, instead of 254 names at each place. */
export const COUNTY_SCHEMA: Record<string, JsonSchema> = {
  County: { type: "string", description: "One of the 254 counties of Texas.", enum: [...COUNTIES] },
};

/** What stands for an enumeration: the counties are said once, also where a lead may have none. */
function shorter(schema: JsonSchema): JsonSchema {
  const county = { $ref: `${PREFIX}County` };
  if (schema.enum?.length === COUNTIES.length) return county;
  return schema.enum?.length === LEAD_COUNTIES.length
    ? { anyOf: [county, { type: "string", const: NO_COUNTY }] }
    : schema;
}

function tidy(schema: JsonSchema): JsonSchema {
  const { $schema: _draft, $id: _id, ...rest } = schema;
  return deepMap(rest, shorter);
}

function deepMap(schema: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]): [string, unknown] => {
      if (Array.isArray(value)) return [key, value.map((each) => (isObject(each) ? deepMap(each, change) : each))];
      return [key, isObject(value) ? deepMap(value, change) : value];
    }),
  );
  return change(inner as JsonSchema);
}

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function namesIn(schema: JsonSchema): string[] {
  const found: string[] = [];
  deepMap(schema, (each) => {
    if (each.$ref) found.push(each.$ref.slice(PREFIX.length));
    return each;
  });
  return found.filter((name) => name !== "County");
}

const sources = Object.keys(FILES).map((name) =>
  readFileSync(path.join(ROOT, "lib", "contracts", `${name}.ts`), "utf8"),
);

/** Adds the docstring of a schema, and the comments of its fields. */
function describeSchema(name: string, schema: JsonSchema): JsonSchema {
  const { about, fields } = commentsOf(name);
  const properties = Object.entries(schema.properties ?? {}).map(([field, inner]): [string, JsonSchema] => [
    field,
    fields[field] ? { ...inner, description: fields[field] } : inner,
  ]);
  return {
    ...schema,
    ...(about ? { description: about } : {}),
    ...(schema.properties ? { properties: Object.fromEntries(properties) } : {}),
  };
}

function commentsOf(name: string): { about: string; fields: Record<string, string> } {
  const start = new RegExp(
    `(/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\n)?export const ${name} = ([\\s\\S]*?)\\n(?=export|/\\*\\*)`,
  );
  for (const source of sources) {
    const match = start.exec(`${source}\nexport`);
    if (!match) continue;
    const body = match[3] ?? "";
    const own = [...body.matchAll(/^ {2}\/\*\* (.+?) \*\/\s+(\w+):/gm)].map(([, words = "", field = ""]) => [
      field,
      words,
    ]);
    const base = /^(\w+)\.(?:extend|omit|pick|partial)\(/.exec(body)?.[1];
    const fields = { ...(base ? commentsOf(base).fields : {}), ...(Object.fromEntries(own) as Record<string, string>) };
    return { about: plain(match[2] ?? ""), fields };
  }
  return { about: "", fields: {} };
}

/** A comment without its stars. */
const plain = (comment: string): string =>
  comment
    .replace(/^\s*\* ?/gm, "")
    .replace(/\s+/g, " ")
    .trim();
