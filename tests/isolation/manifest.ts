import { readFileSync } from "node:fs";
import path from "node:path";
import { ensureBuild } from "../../scripts/build";

/** What the built server answers, by its own manifest: pages, and the routes that are no page. */
export type Built = { folder: string; pages: string[]; routes: string[] };

/**
 * Reads the manifest of the packed server, not the source tree: what a plug-in, a config or a later Next adds to a build is in it too. The two manifests of a
 * build must name the same addresses.
 */
export async function readBuilt(): Promise<Built> {
  const { folder } = await ensureBuild();
  const read = <T>(name: string): T => JSON.parse(readFileSync(path.join(folder, ".next", name), "utf8")) as T;
  const files = Object.entries(read<Record<string, string>>("app-path-routes-manifest.json"));
  const all =
    read<Record<"staticRoutes" | "dynamicRoutes" | "redirects", { page?: string; source?: string }[]>>(
      "routes-manifest.json",
    );
  const addresses = [...all.staticRoutes, ...all.dynamicRoutes].map(({ page = "" }) => page);
  const sorted = (list: string[]) => list.toSorted().join("\n");
  if (sorted(addresses) !== sorted(files.map(([, address]) => address)))
    throw new Error("the two manifests of the build name different addresses");
  if (all.redirects.length > 0) throw new Error("the build redirects by itself, past the routes that prove who asks");
  const ending = (end: string) => files.filter(([file]) => file.endsWith(end)).map(([, address]) => address);
  return { folder, pages: ending("/page"), routes: ending("/route") };
}
