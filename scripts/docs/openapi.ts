import { CONNECTOR_NAMES } from "@/lib/core/connectors";
import { COUNTY_SCHEMA, jsonSchemas, ref } from "./contract-schemas";
import { type Operation, readOperations } from "./read-routes";

/** The API as OpenAPI 3.1, from the routes and the schemas that check them at run time. */
export function makeOpenApi(): Record<string, unknown> {
  const operations = readOperations();
  const incoming = operations.flatMap(({ body }) => (body ? [body] : []));
  const outgoing = operations.flatMap(({ reply }) => (reply ? [reply] : []));
  const input = jsonSchemas(incoming, "input");
  const schemas = { ...COUNTY_SCHEMA, ...input, ...jsonSchemas([...outgoing, "ProblemDto"], "output") };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Arrestra",
      version: "1",
      description: "Keys are good on the apex and on their own firm's host. Sessions exist on the firm's host only.",
    },
    servers: [{ url: "http://localhost:3000", description: "npm start" }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "An API key, or the operator's token for health details.",
        },
        apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "arrestra.session",
          description: "`__Host-arrestra.session` over https.",
        },
      },
    },
  };
}

function describe(operation: Operation): Record<string, unknown> {
  const { method, path, summary, description, permission, body } = operation;
  return {
    summary,
    description: permission ? `${description} Needs \`${permission}\`.` : description,
    operationId: operationId(method, path),
    ...(security(operation) ? { security: security(operation) } : {}),
    parameters: parameters(operation),
    ...(body ? { requestBody: { required: true, content: { "application/json": { schema: ref(body) } } } } : {}),
    responses: {
      [operation.status]: reply(operation),
      default: { description: "A problem", content: problem() },
    },
  };
}

const problem = () => ({ "application/problem+json": { schema: ref("ProblemDto") } });

function reply({ reply: name, replyType, summary }: Operation): Record<string, unknown> {
  if (replyType === "none") return { description: "Done" };
  if (replyType === "csv")
    return { description: "RFC 4180, UTF-8", content: { "text/csv": { schema: { type: "string" } } } };
  if (replyType === "calendar")
    return { description: "RFC 5545", content: { "text/calendar": { schema: { type: "string" } } } };
  return { description: summary, ...(name ? { content: { "application/json": { schema: ref(name) } } } : {}) };
}

function security({ path, permission, session, key }: Operation): Record<string, string[]>[] | null {
  if (path === "/api/health/details") return [{ bearer: [] }];
  if (!permission) return null;
  return [...(key ? [{ bearer: [] }, { apiKey: [] }] : []), ...(session ? [{ session: [] }] : [])];
}

/** Parts of a path that are no ids. */
const PATH_WORDS: Record<string, object> = { feed: {}, provider: { enum: CONNECTOR_NAMES } };

/** What stands in the address and the headers. */
export function parameters({ method, path, query, link }: Operation): Record<string, unknown>[] {
  const ids = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", ...(PATH_WORDS[name ?? ""] ?? { format: "uuid" }) },
  }));
  const fields = query ? (jsonSchemas([query], "input")[query] ?? {}) : {};
  const asked = Object.entries(fields.properties ?? {}).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: fields.required?.includes(name) ?? false,
    ...(description ? { description } : {}),
    schema,
  }));
  const key = {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    description: "Makes the request repeatable for 24 hours: 1 to 255 printable ASCII characters without spaces.",
    schema: { type: "string", maxLength: 255 },
  };
  return [...ids, ...asked, ...(method === "POST" && !link ? [key] : [])];
}

const operationId = (method: string, path: string): string =>
  [method.toLowerCase(), ...path.split("/").slice(2)]
    .map((part) => part.replace(/\W/g, ""))
    .map((part, index) => (index === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1)))
    .join("");
