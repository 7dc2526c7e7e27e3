// `npm run new:provider NAME phone|email`: writes the client of a new provider and a failing test that says what to do next.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "..");
const [name = "", kind = ""] = process.argv.slice(2);
if (!/^[a-z][a-z0-9]*$/.test(name) || !["phone", "email"].includes(kind)) {
  process.stderr.write("Usage: npm run new:provider NAME phone|email   (one word in lower case, such as numverify)\n");
  process.stderr.write("For a service that firms connect, copy Zoom file by file: docs/how-to/add-a-provider.md\n");
  process.exit(2);
}
const pascal = name[0].toUpperCase() + name.slice(1);
const check = kind === "phone" ? "PhoneCheck" : "EmailCheck";

const files = {
  [`lib/integrations/${name}.ts`]: `import { z } from "zod";
import { VendorError } from "@/lib/core/errors";
import { httpRequest } from "@/lib/platform/http-client";

const BASE_URL = "https://api.${name}.example";

/** The part of an answer that we read. */
const Answer = z.object({});

/** What ${pascal} says; the shape of ${check} in lib/contracts/providers.ts. */
export type ${pascal}Answer = z.infer<typeof Answer>;

/**
 * Asks about one ${kind === "phone" ? "number" : "address"}: one call, never repeated here.
 * @throws VendorError for every failure; AppError \`not_configured\` without credentials.
 */
export async function ask${pascal}(value: string, { timeoutMs = 10_000 } = {}): Promise<${pascal}Answer> {
  const url = new URL(encodeURIComponent(value), BASE_URL);
  const parsed = Answer.safeParse((await httpRequest({ vendor: "${name}", url, timeoutMs })).json());
  if (parsed.success) return parsed.data;
  throw new VendorError("${name}", "garbled", "sent an answer of another shape", { cause: parsed.error });
}
`,
  [`tests/integrations/${name}.test.ts`]: `import { expect, it } from "vitest";
import { PROVIDER_NAMES } from "@/lib/contracts/providers";
import { LOOKUPS } from "@/lib/domain/enrichment/providers";

it("${pascal} has its facts in PROVIDERS (lib/contracts/providers.ts): what it checks, freshness, limits", () => {
  expect(PROVIDER_NAMES).toContain("${name}");
});

it("${pascal} has its line in LOOKUPS (lib/domain/enrichment/providers.ts), which makes a ${check} of its answer", () => {
  expect(Object.keys(LOOKUPS)).toContain("${name}");
});
`,
};

for (const file of Object.keys(files)) {
  if (existsSync(path.join(ROOT, file))) {
    process.stderr.write(`${file} is there already; nothing was written.\n`);
    process.exit(1);
  }
}
for (const [file, text] of Object.entries(files)) {
  mkdirSync(path.dirname(path.join(ROOT, file)), { recursive: true });
  writeFileSync(path.join(ROOT, file), text);
  process.stdout.write(`wrote ${file}\n`);
}
process.stdout.write(`Next: npx vitest run tests/integrations/${name} and docs/how-to/add-a-provider.md\n`);
