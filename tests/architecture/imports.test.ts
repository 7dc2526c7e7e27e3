import { describe, expect, it } from "vitest";
import { EXCEPTIONS, mayImport, ROOMS, roomOf } from "./rooms";
import { importsOf } from "./scan";
import { codeUnder, PRODUCT, type SourceFile } from "./tree";

/** Which packages only one door may use, so that there is one way to do a thing. A prefix of a path, or a file. */
const ONE_DOOR: Record<string, { doors: readonly string[]; why: string }> = {
  pg: { doors: ["lib/platform/pool.ts", "lib/platform/db.ts"], why: "pools have limits and follow a changed password" },
  "@prisma/adapter-pg": { doors: ["lib/platform/db.ts"], why: "there is one pool, with its limits" },
  "pg-boss": {
    doors: ["lib/platform/queue.ts", "lib/platform/queue-boss.ts"],
    why: "a job is sent by enqueue(), in the caller's transaction",
  },
  "@aws-sdk/client-sqs": { doors: ["lib/platform/sqs-client.ts"], why: "every call of a queue has its deadline" },
  "pg-copy-streams": { doors: ["lib/domain/export/"], why: "COPY is for the export" },
  pino: { doors: ["lib/platform/log.ts"], why: "there is one logger, with a closed list of fields" },
  "rate-limiter-flexible": { doors: ["lib/platform/rate-limit.ts"], why: "every limit is in one table" },
  "@node-rs/argon2": { doors: ["lib/domain/auth/password.ts"], why: "hashing is bounded there: two at once" },
  "next-auth": { doors: ["lib/http/"], why: "sign-in is bound to the firm of the host there" },
  "@auth/prisma-adapter": { doors: ["lib/http/auth-adapter.ts"], why: "alone it would find any firm's sessions" },
  twilio: { doors: ["lib/integrations/twilio.ts"], why: "one vendor, one file" },
  kickbox: { doors: ["lib/integrations/kickbox.ts"], why: "one vendor, one file" },
  "libphonenumber-js": { doors: ["lib/core/phone.ts"], why: "a phone number is read in one way" },
  uuid: { doors: ["lib/core/ids.ts"], why: "ids are made by newId()" },
  "@aws-sdk/client-sesv2": {
    doors: ["lib/platform/alerts-aws.ts"],
    why: "every message has its deadline, goes out once, and leaves nobody's address in an error",
  },
  "@aws-sdk/client-sns": { doors: ["lib/platform/alerts-aws.ts"], why: "likewise" },
  "@aws-sdk/client-s3": { doors: ["lib/platform/s3-store.ts"], why: "a file is put and fetched in one way" },
  "@aws-sdk/lib-storage": { doors: ["lib/platform/s3-store.ts"], why: "a file is put and fetched in one way" },
  "@aws-sdk/s3-presigned-post": { doors: ["lib/platform/s3-store.ts"], why: "a link ends, and is for one file" },
  "@aws-sdk/s3-request-presigner": { doors: ["lib/platform/s3-store.ts"], why: "a link ends, and is for one file" },
  "@aws-sdk/client-cloudwatch-logs": {
    doors: ["lib/platform/cloudwatch-audit-log.ts"],
    why: "sealed events are written once more in one way; what else is logged goes to stdout",
  },
  "@opentelemetry/api": { doors: ["lib/platform/traces.ts"], why: "it strips what a span may not say" },
  "@opentelemetry/sdk-trace": { doors: ["lib/platform/traces.ts"], why: "it is loaded only where traces are on" },
  "robots-parser": { doors: ["workers/sources/fetchers/polite.ts"], why: "politeness is one gate" },
  playwright: {
    doors: ["workers/sources/fetchers/browser.ts"],
    why: "the browser is one fetcher behind the interface",
  },
};

/** Builtins that reach outside the process. Core and contracts have none of them. */
const IO = /^node:(fs|http|https|http2|net|tls|dns|dgram|child_process|cluster|worker_threads|os|process)$/;

/** Every import that the rule of ARCHITECTURE.md does not allow, in words that say what to do. */
function breaches(files: readonly SourceFile[]): string[] {
  const found: string[] = [];
  for (const file of files) {
    const room = roomOf(file.path);
    if (!room) continue;
    for (const { target, isOurs, isRelative, isTypeOnly, line } of importsOf(file)) {
      const where = `${file.path}:${line} imports ${target}`;
      if (!isOurs) {
        const rule = ONE_DOOR[target];
        if (rule && !isTypeOnly && !rule.doors.some((door) => file.path.startsWith(door))) {
          found.push(`${where}: only ${rule.doors.join(", ")} does that (${rule.why}). Call what it exports.`);
        }
        if (IO.test(target) && /^lib\/(core|contracts)\//.test(file.path)) {
          found.push(`${where}: ${room.name} does no I/O. Put this in lib/platform and pass its result in.`);
        }
        continue;
      }
      if (isPrismaClient(target)) {
        if (!mayUsePrismaClient(file.path, isTypeOnly)) {
          found.push(`${where}: the generated client belongs to lib/platform/db.ts. Take Prisma or Tx from there.`);
        }
        continue;
      }
      if (EXCEPTIONS.some(({ from, to }) => from === file.path && to === target)) continue;
      if (!mayImport(room, target)) {
        found.push(`${where}: ${room.name} may import ${room.mayImport.join(", ") || "nothing of ours"}. ${room.why}`);
      } else if (room.name === "lib/ui" && target.startsWith("lib/contracts/") && !isTypeOnly) {
        found.push(`${where}: take its types only (import type). The schemas would bring zod to every browser.`);
      } else if (isRelative && file.path.includes("/") && houseOf(file.path) !== houseOf(target)) {
        found.push(
          `${where}: write it as @/${target}. Relative paths stay inside one house (lib/domain, workers, ...).`,
        );
      }
    }
  }
  return found;
}

const isPrismaClient = (target: string): boolean =>
  target.includes("/generated/prisma") || target.includes("prisma/generated");

const mayUsePrismaClient = (file: string, isTypeOnly: boolean): boolean =>
  file === "lib/platform/db.ts" || (isTypeOnly && file.startsWith("lib/domain/"));

/** `lib/domain`, `lib/http`, `workers`, ...: the part of the tree in which a relative path is easier to read than a whole one. */
function houseOf(file: string): string {
  const [first = "", second = ""] = file.split("/");
  return first === "lib" ? `${first}/${second}` : first;
}

describe("the import rule", () => {
  it("is kept by every file", () => {
    const files = codeUnder(...PRODUCT);
    expect(files.length).toBeGreaterThan(100);
    expect(breaches(files)).toEqual([]);
  });

  it("has no exception that nobody needs", () => {
    const used = codeUnder(...PRODUCT).flatMap((file) => importsOf(file).map(({ target }) => `${file.path} ${target}`));
    expect(EXCEPTIONS.map(({ from, to }) => `${from} ${to}`).filter((pair) => !used.includes(pair))).toEqual([]);
  });

  it.each([
    ["lib/core/x.ts", 'import { env } from "@/lib/platform/env";'],
    ["lib/core/x.ts", 'import { readFileSync } from "node:fs";'],
    ["lib/contracts/x.ts", 'import type { Ctx } from "@/lib/domain/context/ctx";'],
    ["lib/platform/x.ts", 'import { JOBS } from "@/lib/contracts/jobs";'],
    ["lib/domain/events/x.ts", 'import { scoreLead } from "../leads/score";'],
    ["lib/domain/leads/x.ts", 'import { lookUp } from "../enrichment/look-up";'],
    ["lib/domain/leads/x.ts", 'import { respond } from "@/lib/http/respond";'],
    ["lib/domain/leads/x.ts", 'import { PrismaClient } from "@/lib/platform/generated/prisma/client";'],
    ["lib/domain/leads/x.ts", 'import pg from "pg";'],
    ["lib/http/x.ts", 'import { listLeads } from "@/lib/domain/leads/list-leads";'],
    ["lib/ui/x.tsx", 'const { db } = await import("@/lib/platform/db");'],
    ["lib/ui/x.tsx", 'import { LeadDto } from "@/lib/contracts/leads";'],
    ["app/x/page.tsx", 'import { Prisma } from "@/lib/platform/db";'],
    ["app/x/route.ts", 'import { respond } from "../../lib/http/respond";'],
    ["workers/sources/x.ts", 'import {\n  decryptField,\n  encryptField,\n} from "@/lib/platform/crypto";'],
    ["workers/x.ts", 'export { sendJobs } from "@/lib/platform/queue";'],
    ["middleware.ts", 'import { env } from "./lib/platform/env";'],
    ["sandbox/x.ts", 'import { log } from "@/lib/platform/log";'],
    ["lib/http/x.ts", 'import { twilio } from "twilio/lib/x";'],
  ])("names a breach in %s: %s", (path, text) => {
    expect(breaches([{ path, text }])).toHaveLength(1);
  });

  it.each([
    ["lib/domain/leads/x.ts", 'import type { Lead } from "@/lib/platform/generated/prisma/client";'],
    ["lib/domain/export/x.ts", 'import { pageSql } from "../leads/lead-query";'],
    ["lib/ui/x.tsx", 'import type { LeadDto } from "@/lib/contracts/leads";'],
    ["workers/sources/x.ts", 'import { log } from "@/lib/platform/log";\nimport { lock } from "../state/lock";'],
    ["lib/http/x.ts", '// import { a } from "@/lib/domain/leads/a";\nconst s = `import b from "@/lib/ui/b"`;'],
  ])("lets %s do what it may: %s", (path, text) => {
    expect(breaches([{ path, text }])).toEqual([]);
  });

  it("knows a room for every file of the product", () => {
    expect(
      codeUnder(...PRODUCT)
        .filter((file) => !roomOf(file.path))
        .map((file) => file.path),
    ).toEqual([]);
    expect(new Set(ROOMS.map((room) => room.name)).size).toBe(ROOMS.length);
  });
});
