import { globSync } from "node:fs";
import path from "node:path";
import { call, type Reply, type Route } from "../http/call";

const root = path.resolve(import.meta.dirname, "../..");
const files = globSync("app/api/**/route.ts", { cwd: root }).map((file) => file.split(path.sep).join("/"));
const pathOf = (file: string) => `/${file.replace(/^app\//, "").replace(/\/route\.ts$/, "")}`;

/** Every route and method of app/api, by a name such as `GET /api/leads/[id]`. */
export async function allRoutes(): Promise<Record<string, Route>> {
  const routes: Record<string, Route> = {};
  for (const file of files) {
    const exported: Record<string, unknown> = await import(path.join(root, file));
    for (const [method, handler] of Object.entries(exported)) {
      // What refuses the methods that a route does not have does nothing else (tests/http/server.test.ts).
      if (/^[A-Z]+$/.test(method) && (handler as Route).name !== "wrongMethod")
        routes[`${method} ${pathOf(file)}`] = handler as Route;
    }
  }
  return routes;
}

/** What is sent to a route. */
export type Asked = { query?: string; body?: unknown; ids?: Record<string, string> };
/** Where to, and as whom. */
export type Sender = { host?: string; headers?: Record<string, string> };

/** Sends a request to a route by its name. */
export function sendTo(
  routes: Record<string, Route>,
  name: string,
  { query = "", body, ids }: Asked,
  sender: Sender,
): Promise<Reply> {
  const [method = "", template = ""] = name.split(" ");
  const route = routes[name];
  if (!route) throw new Error(`${name} is not there`);
  const address = template.replace(/\[(\w+)\]/g, (_all, id: string) => ids?.[id] ?? id);
  return call(route, address + query, { method, body, ids, ...sender });
}
