import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Locked = { version?: string; optionalDependencies?: Record<string, string> };

const packages = (JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, Locked> })
  .packages;

/** Below these versions a package has a known hole. */
const FLOORS: Record<string, string> = {
  next: "16.4.3",
  sharp: "0.35.5",
  "next-auth": "4.24.15",
  "@auth/core": "0.41.3",
  zod: "4.6.7",
};

describe("package-lock.json", () => {
  it("has a package for every optional one that a package names, so that npm ci works on every machine", () => {
    const missing: string[] = [];
    for (const [at, { optionalDependencies = {} }] of Object.entries(packages)) {
      for (const name of Object.keys(optionalDependencies)) {
        if (!placesFor(at).some((place) => packages[`${place}node_modules/${name}`]))
          missing.push(`${name} of ${at || "package.json"}`);
      }
    }
    expect(missing, "run: npm run lock").toEqual([]);
  });

  it.each(Object.entries(FLOORS))("holds no %s below %s", (name, floor) => {
    const versions = Object.entries(packages)
      .filter(([at]) => at.endsWith(`node_modules/${name}`))
      .map(([, { version = "" }]) => version);
    expect(versions.length).toBeGreaterThan(0);
    expect(versions.filter((version) => compare(version, floor) < 0)).toEqual([]);
  });
});

/** The folders in which Node looks for a package, from the one that asks outwards. */
function placesFor(at: string): string[] {
  const parts = at.split("/node_modules/");
  return at
    ? [...parts.map((_, index) => `${parts.slice(0, parts.length - index).join("/node_modules/")}/`), ""]
    : [""];
}

function compare(a: string, b: string): number {
  const numbers = (version: string) => version.split(/[.+-]/).map(Number);
  const left = numbers(a);
  const right = numbers(b);
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
