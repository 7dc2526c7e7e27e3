import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** Where a request goes. `src` names a compute resource. */
export type Target = { kind: "Static"; cacheControl?: string } | { kind: "Compute"; src: string };
export type Route = { path: string; target: Target; fallback?: Target };
export type Manifest = { version: number; routes: Route[]; computeResources: Compute[] };
type Compute = { name: string; entrypoint: string; runtime: string };

const MOST_ROUTES = 25;
const RUNTIMES = ["nodejs20.x", "nodejs22.x"];

/** Reads what a bundle says about itself, as Amplify would, and throws a sentence for what it would refuse. */
export function readManifest(folder: string): Manifest {
  const manifest = JSON.parse(readFileSync(path.join(folder, "deploy-manifest.json"), "utf8")) as Manifest;
  const { version, routes, computeResources } = manifest;
  if (version !== 1) throw new Error("deploy-manifest.json: version must be 1.");
  if (routes.length === 0 || routes.length > MOST_ROUTES) throw new Error(`A manifest has 1 to ${MOST_ROUTES} routes.`);
  for (const { name, entrypoint, runtime } of computeResources) {
    if (name !== "default") throw new Error(`The compute resource ${name} must be called default.`);
    if (!RUNTIMES.includes(runtime)) throw new Error(`${runtime} is no runtime of Amplify.`);
    if (!existsSync(path.join(folder, "compute", name, entrypoint)))
      throw new Error(`${entrypoint} is not in the bundle.`);
  }
  for (const route of routes) assertRoute(route, computeResources);
  if (routes.at(-1)?.path !== "/*") throw new Error("The last route must take what no other takes.");
  return manifest;
}

function assertRoute({ path: at, target, fallback }: Route, computeResources: readonly Compute[]): void {
  if (!/^\/[^?#[\]{}]*$/.test(at)) throw new Error(`${at} is no path: it starts with / and has no pattern but *.`);
  for (const { kind, ...rest } of fallback ? [target, fallback] : [target]) {
    if (kind !== "Static" && kind !== "Compute")
      throw new Error(`${at} goes to ${kind}, which this front does not know.`);
    if (kind === "Compute" && !computeResources.some(({ name }) => "src" in rest && name === rest.src))
      throw new Error(`${at} goes to a compute resource that is not there.`);
  }
}

/** The first route that fits; a `*` stands for any text, slashes too, and the query does not count. */
export function routeOf(routes: readonly Route[], pathname: string): Route | undefined {
  return routes.find((route) => {
    const pattern = route.path.split("*").map((part) => part.replace(/[.+^$()|\\]/g, "\\$&"));
    return new RegExp(`^${pattern.join(".*")}$`, "s").test(pathname);
  });
}
