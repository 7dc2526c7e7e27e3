import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ENV_NAMES } from "@/lib/platform/env";

/** Read by npm start and by nothing in lib/. */
const OF_THE_SCRIPTS = ["DATABASE_URL", "PORT"];

it("names in .env.example every setting that the code reads, and no other", () => {
  const names = [...readFileSync(".env.example", "utf8").matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
  expect(names.sort()).toEqual([...ENV_NAMES, ...OF_THE_SCRIPTS].sort());
});
