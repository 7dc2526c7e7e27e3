import { type JsonSchema, jsonSchemas } from "./contract-schemas";
import { parameters } from "./openapi";
import { type Operation, readOperations } from "./read-routes";
import { table } from "./table";

/** One section per operation: who may, what is sent, what comes back. */
export const apiOperations = (): string => readOperations().map(section).join("\n\n");

function section(operation: Operation): string {
  const { method, path, summary, description, body, status, reply, replyType, file } = operation;
  const files = { csv: "`text/csv`", calendar: "`text/calendar`" } as const;
  const answer =
    replyType === "csv" || replyType === "calendar" ? files[replyType] : reply ? `\`${reply}\`` : "no body";
  return [
    `### ${method} ${path}`,
    `${summary}. ${description}`,
    `${whoMay(operation)} Answers ${status} with ${answer}. (${file})`,
    queryTable(operation),
    body ? bodyTable("Body", body) : "",
  ]
    .filter(Boolean)
    .join("\n\n");
}

function whoMay({ path, permission, session, key, link }: Operation): string {
  if (link) return "Whoever holds the link, on the firm's host and from its own pages.";
  if (path === "/api/calendar/{feed}") return "Whoever has the address, on the firm's host.";
  if (!permission) return path.endsWith("/details") ? "The operator's token." : "Anybody.";
  if (!key) return `A session that may \`${permission}\`.`;
  return `${session ? "A key with, or a session that may," : "A key with"} \`${permission}\`.`;
}

function queryTable(operation: Operation): string {
  const rows = parameters(operation).filter((parameter) => parameter.in === "query");
  if (rows.length === 0) return "";
  return table(
    ["query", "value", ""],
    rows.map(({ name, schema, required, description }) => [
      `\`${name}\``,
      wordsOf(schema as JsonSchema),
      [required ? "Required." : "", description].filter(Boolean).join(" "),
    ]),
  );
}

/** The fields of a body, then those of the schemas it is made of. */
function bodyTable(title: string, name: string): string {
  return Object.entries(jsonSchemas([name], "input"))
    .map(([each, schema]) => {
      const heading = each === name ? `${title} (\`${each}\`)` : `\`${each}\``;
      return schema.properties ? fieldTable(heading, schema) : `${heading}: ${kindOf(schema)}.`;
    })
    .join("\n\n");
}

function fieldTable(heading: string, { properties = {}, required = [] }: JsonSchema): string {
  const rows = Object.entries(properties).map(([field, schema]) => [
    `\`${field}\``,
    wordsOf(schema),
    [required.includes(field) ? "Required." : "", schema.description].filter(Boolean).join(" "),
  ]);
  return table([heading, "value", ""], rows);
}

/** A schema in a few words. */
function wordsOf(schema: JsonSchema): string {
  const words = kindOf(schema);
  const isTold = schema.default !== undefined && JSON.stringify(schema.default) !== "[]";
  return isTold ? `${words}; default \`${String(schema.default)}\`` : words;
}

function kindOf(schema: JsonSchema): string {
  if (schema.$ref) return `\`${schema.$ref.split("/").at(-1)}\``;
  if (schema.enum) return schema.enum.map((each) => `\`${each}\``).join(", ");
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.anyOf) return [...new Set(schema.anyOf.map(kindOf))].join(" or ");
  if (schema.type === "array") return `list of ${kindOf(schema.items ?? {})}`;
  if (schema.properties) return `{ ${Object.keys(schema.properties).join(", ")} }`;
  const type = [schema.type ?? "anything"].flat().join(" or ");
  return schema.format ? `${type}, ${schema.format}` : type;
}
