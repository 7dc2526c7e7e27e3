import { describe, expect, it } from "vitest";
import { PROVIDER_NAMES } from "@/lib/contracts/providers";
import { CONNECTOR_NAMES } from "@/lib/core/connectors";
import { LOOKUPS } from "@/lib/domain/enrichment/providers";
import { SYNC_PROVIDERS } from "@/lib/domain/sync/providers";
import { listFiles, readSource } from "./tree";

const PAGE = "docs/how-to/add-a-provider.md";
const files = listFiles("lib/integrations", "lib/domain/sync", "sandbox", "tests/integrations", "tests/sync");
/** One file holds every service that checks contacts to the same promises. */
const SHARED_TEST = "tests/integrations/vendors.test.ts";

type Part = { what: string; isThere: (name: string) => boolean };

const CLIENT: Part = {
  what: "a client, lib/integrations/NAME.ts",
  isThere: (name) => files.some((file) => new RegExp(`^lib/integrations/${name}(-[a-z]+)*\\.ts$`).test(file)),
};
const SANDBOX: Part = {
  what: "a stand-in, sandbox/NAME/handler.ts",
  isThere: (name) => files.includes(`sandbox/${name}/handler.ts`),
};
const LINE: Part = {
  what: `a line in the table of ${PAGE}`,
  isThere: (name) => new RegExp(`^\\| \\\`${name}\\\` `, "m").test(readSource(PAGE).text),
};
const CONTRACT: Part = {
  what: "a contract test, tests/integrations/NAME.db.test.ts: each request as it is sent, and each error",
  isThere: (name) =>
    files.some((file) => new RegExp(`^tests/integrations/${name}(-[a-z]+)*(\\.db)?\\.test\\.ts$`).test(file)),
};

const CONNECTED: readonly Part[] = [
  CLIENT,
  {
    what: "a sync, lib/domain/sync/NAME/NAME-sync.ts",
    isThere: (name) => files.includes(`lib/domain/sync/${name}/${name}-sync.ts`),
  },
  { what: "its line in lib/domain/sync/providers.ts", isThere: (name) => Object.hasOwn(SYNC_PROVIDERS, name) },
  SANDBOX,
  CONTRACT,
  {
    what: "tests of what it reads and writes, tests/sync/NAME-*.db.test.ts",
    isThere: (name) => files.some((file) => file.startsWith(`tests/sync/${name}-`) && file.endsWith(".test.ts")),
  },
  LINE,
];

const CHECKING: readonly Part[] = [
  CLIENT,
  { what: "its line in lib/domain/enrichment/providers.ts", isThere: (name) => Object.hasOwn(LOOKUPS, name) },
  SANDBOX,
  {
    what: `a contract test, tests/integrations/NAME.test.ts or a row in ${SHARED_TEST}`,
    isThere: (name) => CONTRACT.isThere(name) || new RegExp(`\\b${name}\\b`, "i").test(readSource(SHARED_TEST).text),
  },
  LINE,
];

const missing = (name: string, parts: readonly Part[]): string[] =>
  parts.filter(({ isThere }) => !isThere(name)).map(({ what }) => `${name} lacks ${what.replaceAll("NAME", name)}`);

describe("a service that a firm can connect", () => {
  it.each(CONNECTOR_NAMES)("has its client, sync, stand-in, tests and line in the page: %s", (name) => {
    expect(missing(name, CONNECTED)).toEqual([]);
    expect(SYNC_PROVIDERS[name].name).toBe(name);
  });

  it("is noticed when anything of it is missing", () => {
    expect(missing("calendly", CONNECTED)).toHaveLength(CONNECTED.length);
    expect(missing("calendly", CONNECTED)[0]).toBe("calendly lacks a client, lib/integrations/calendly.ts");
  });

  it("names each of its resources once, due again in no less than a minute", () => {
    for (const { name, resources } of Object.values(SYNC_PROVIDERS)) {
      expect(new Set(resources.map((resource) => resource.name)).size, name).toBe(resources.length);
      for (const { everyMs } of resources) expect(everyMs).toBeGreaterThanOrEqual(60_000);
    }
  });
});

describe("a service that checks contacts", () => {
  it.each(PROVIDER_NAMES)("has its client, stand-in, test and line in the page: %s", (name) => {
    expect(missing(name, CHECKING)).toEqual([]);
  });

  it("is noticed when anything of it is missing", () => {
    expect(missing("numverify", CHECKING)).toHaveLength(CHECKING.length);
  });
});
