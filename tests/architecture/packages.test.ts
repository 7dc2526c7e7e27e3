import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { importsOf } from "./scan";
import { codeUnder, readSource } from "./tree";

/** The packages that this product is to be built with, and where each must really work: a dependency that nothing uses is a claim, not a component. */
const ASKED_FOR: Record<string, { place: string; proof: () => boolean }> = {
  next: { place: "next.config.js, app", proof: () => imported("next") },
  react: { place: "lib/ui", proof: () => imported("react") },
  "next-auth": { place: "lib/http", proof: () => imported("next-auth") },
  "@auth/prisma-adapter": { place: "lib/http/auth-adapter.ts", proof: () => imported("@auth/prisma-adapter") },
  twilio: { place: "lib/integrations/twilio.ts", proof: () => imported("twilio") },
  kickbox: { place: "lib/integrations/kickbox.ts", proof: () => imported("kickbox") },
  playwright: { place: "workers/sources/fetchers/browser.ts", proof: () => imported("playwright") },
  zod: { place: "lib/contracts", proof: () => imported("zod") },
  prisma: {
    place: "prisma.config.ts, scripts/generate.ts",
    proof: () => text("prisma.config.ts").includes('from "prisma/config"'),
  },
  "@prisma/client": {
    place: "lib/platform/generated/prisma, generated from prisma/schema",
    proof: () => /from ["']@prisma\/client/.test(text("lib/platform/generated/prisma/client.ts")),
  },
  vitest: { place: "vitest.config.ts, scripts/test.ts", proof: () => text("scripts/test.ts").includes("vitest") },
  papaparse: {
    place: "product code or a test that reads the export back",
    proof: () => imported("papaparse", "tests"),
  },
};

const text = (file: string): string => readFileSync(file, "utf8");

/** Whether product code takes something from the package at run time, a type alone does not count. */
const imported = (name: string, ...more: string[]): boolean =>
  codeUnder("app", "lib", "workers", "middleware.ts", ...more).some((file) =>
    importsOf(file).some(({ target, isTypeOnly }) => target === name && !isTypeOnly),
  );

it.each(Object.entries(ASKED_FOR))("%s does its work in the product", (name, { place, proof }) => {
  const { dependencies, devDependencies } = JSON.parse(text("package.json")) as Record<string, Record<string, string>>;
  expect({ ...devDependencies, ...dependencies }, "package.json").toHaveProperty([name]);
  expect(proof(), `${name} is a dependency, but ${place} does not use it`).toBe(true);
});

it("does not take a type alone for a use", () => {
  const file = {
    ...readSource("package.json"),
    path: "lib/http/x.ts",
    text: 'import type { AuthOptions } from "next-auth";',
  };
  expect(importsOf(file).every(({ isTypeOnly }) => isTypeOnly)).toBe(true);
});
