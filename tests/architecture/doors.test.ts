import { describe, expect, it } from "vitest";
import { findInCode } from "./scan";
import { codeUnder, type SourceFile } from "./tree";

/**
 * Something powerful, and everybody who uses it, with the reason. A new caller fails here until somebody writes down why it may; a caller that is gone
 * fails too, so the list stays true. A path that ends in `/` speaks for its folder.
 */
type Door = {
  name: string;
  pattern: RegExp;
  places: readonly string[];
  advice: string;
  callers: Record<string, string>;
};

const SERVING = ["app", "lib", "workers", "sandbox", "infra", "prisma", "middleware.ts", "instrumentation.ts"];

const DOORS: readonly Door[] = [
  {
    name: "asPlatform",
    pattern: /(?<![\w.])asPlatform(?:<[^>()]*>)?\(/g,
    places: SERVING,
    advice: "It reads across firms. Whatever knows its firm uses inTenant(ctx, ...).",
    callers: {
      "lib/domain/tenants/find-firm.ts": "whose host a request came to is asked before the firm is known",
      "lib/domain/tenants/list-firms.ts":
        "whoever runs the platform sees which firms there are; named columns of tenant, and how many users",
      "lib/domain/tenants/change-firm-state.ts":
        "a firm whose erasure has begun is not opened again; certificates outlive their firms",
      "lib/domain/tenants/source-health.ts": "a source is healthy or not for all firms together; row counts only",
      "lib/domain/auth/find-api-key.ts": "a key names its firm: the key id is asked before the firm is known",
      "lib/domain/events/audit-alarms.ts":
        "operators see which firm's chain is unsealed, unsigned or broken; its state alone",
      "lib/jobs/job-ctx.ts": "a schedule does its work for every firm: it asks for their ids",
      "lib/domain/tenants/connections/prove-webhook.ts":
        "a webhook names its connection or account: whose it is, is asked before the firm is known",
    },
  },
  {
    name: "provenTenant",
    pattern: /(?<![\w.])provenTenant\(/g,
    places: SERVING,
    advice:
      "It mints a firm. Only what has proven one may: a gate, the job runner, a seed. A verb gets its firm in ctx.",
    callers: {
      "lib/http/firm-gate.ts": "the host that our edge named belongs to this firm",
      "lib/domain/tenants/operator-ctx.ts":
        "the operator has proven themselves and names the firm, or makes it: then the id is new and nobody else's",
      "lib/http/prove-key.ts": "the secret of this firm's key was shown",
      "lib/jobs/job-ctx.ts":
        "the job was enqueued by this firm's own transaction, or its id comes from the list of firms",
      "lib/domain/tenants/connections/prove-webhook.ts":
        "the firm's own secret is read to prove the signature, and only what it signed goes further",
      "prisma/seed/": "the seed makes the firms",
    },
  },
  {
    name: "provenOperator",
    pattern: /(?<![\w.])provenOperator\(/g,
    places: SERVING,
    advice: "It mints whoever runs the platform. Only their own door may; a verb gets its operator passed.",
    callers: { "lib/http/operator-route.ts": "the operator's session, opened with token and code, is live" },
  },
  {
    name: "tenantTransaction",
    pattern: /(?<![\w.])tenantTransaction(?:<[^>()]*>)?\(/g,
    places: SERVING,
    advice: "Call inTenant(ctx, ...): it joins the transaction that a gate may already hold.",
    callers: {
      "lib/platform/db.ts": "its home",
      "lib/domain/context/in-tenant.ts": "the door itself",
      "lib/http/live-session.ts": "looks at a session before there is a caller whose ctx could be passed",
    },
  },
  {
    name: "platformTransaction",
    pattern: /(?<![\w.])platformTransaction(?:<[^>()]*>)?\(/g,
    places: SERVING,
    advice: "Call asPlatform(reason, ...), which says why.",
    callers: { "lib/platform/db.ts": "its home", "lib/domain/context/in-tenant.ts": "the door itself" },
  },
  {
    name: "housePool",
    pattern: /(?<![\w.])housePool\(/g,
    places: SERVING,
    advice:
      "It has no firm, so row-level security shows it no tenant row. Ask for tenant rows through inTenant(ctx, ...).",
    callers: {
      "lib/platform/health.ts": "whether the database answers, how far its schema is, how long its queues are",
      "lib/platform/rate-limit.ts": "limits are counted before anybody is known",
      "lib/domain/events/unsealed-firms.ts": "the sealer asks which firms have something to seal: ids of firms, no row",
      "lib/platform/vendor-pace.ts": "vendors count for what is theirs: our address, an account of theirs",
    },
  },
  {
    name: "copyClient",
    pattern: /(?<![\w.])copyClient\(/g,
    places: SERVING,
    advice: "It holds a connection for as long as a reader reads. Only a COPY is worth that.",
    callers: { "lib/platform/db.ts": "its home", "lib/domain/export/lead-copy.ts": "the export is a COPY" },
  },
  {
    name: "Prisma.raw",
    pattern: /\bPrisma\.raw\(/g,
    places: SERVING,
    advice:
      "Its text becomes SQL as it is. Use Prisma.sql with a parameter; for a column, choose from a literal table as lead-query.ts does.",
    callers: {
      "lib/domain/tenants/reencrypt-fields.ts": "tables and columns of ENCRYPTED_COLUMNS, a literal table",
      "lib/domain/leads/lead-query.ts": "columns, casts and directions from a literal table",
      "lib/domain/leads/lead-row.ts": "one literal list of columns",
      "lib/domain/leads/write-leads.ts": "literal lists of columns",
    },
  },
  {
    name: "process.env",
    pattern: /\bprocess\.env\b/g,
    places: SERVING,
    advice: "Add the setting to lib/platform/env.ts, where it is checked at start, and to .env.example.",
    callers: {
      "lib/platform/env.ts": "the one place",
      "sandbox/env.ts": "the sandbox may not import lib/platform, so it has its own one place",
      "infra/cache-home.ts": "HOME of a synthesis: the CDK asks nobody else where its fingerprints go",
      "workers/lambda.ts": "TMPDIR of a call, from which Playwright takes where Chromium puts its profile",
      "workers/sources/fetchers/browser.ts": "hands a few names on to Chromium, none of them a setting of ours",
      "middleware.ts": "may import nothing but lib/core/host; reads the two settings that a host is judged by",
      "instrumentation.ts":
        "NEXT_RUNTIME and NODE_ENV are constants that Next puts in when it builds, and have to stand there in full",
    },
  },
  {
    name: "fetch",
    pattern: /(?:\bawait|\breturn|\bvoid|=>|[=(,?:&|])\s*fetch\(/g,
    places: SERVING,
    advice:
      "On the server, httpRequest (lib/platform/http-client.ts) has the deadline and the size cap; in the browser, lib/ui/api-client.ts has the words for failures.",
    callers: {
      "lib/platform/http-client.ts": "the one way out of the server",
      "lib/ui/api-client.ts": "the one way from a page to the API",
      "lib/ui/sign-out.ts": "likewise",
      "lib/ui/reminder-store.ts":
        "asks by itself, once a minute: a session that has ended must not take the reader away from the page",
    },
  },
  {
    name: "console",
    pattern: /(?<![\w.])console\.\w+\(/g,
    places: ["app", "lib", "workers", "middleware.ts", "instrumentation.ts"],
    advice: "Use log (lib/platform/log.ts): its fields come from a closed list, so no personal data gets into a line.",
    callers: { "instrumentation.ts": "says why the server does not start, when nothing else may work yet" },
  },
  {
    name: "the machine's clock in domain",
    pattern: /\bnew Date\(\)|\bDate\.now\(\)/g,
    places: ["lib/domain", "lib/contracts", "lib/core"],
    advice: "Take the time from ctx.clock, so that a test can stand at any moment.",
    callers: { "lib/core/clock.ts": "the one clock" },
  },
];

/** Uses outside the list. */
function uninvited(door: Door, files: readonly SourceFile[]): string[] {
  return findInCode(files, door.pattern)
    .filter(({ path }) => !Object.keys(door.callers).some((caller) => speaksFor(caller, path)))
    .map(
      ({ path, line }) =>
        `${path}:${line} uses ${door.name}. ${door.advice} If it must be, list it here with its reason.`,
    );
}

const speaksFor = (caller: string, path: string): boolean =>
  caller.endsWith("/") ? path.startsWith(caller) : path === caller;

describe.each(DOORS)("$name", (door) => {
  const files = codeUnder(...door.places);

  it("is used only by those on its list", () => {
    expect(uninvited(door, files)).toEqual([]);
  });

  it("lists nobody who has stopped using it", () => {
    const users = findInCode(files, door.pattern).map(({ path }) => path);
    expect(Object.keys(door.callers).filter((caller) => !users.some((path) => speaksFor(caller, path)))).toEqual([]);
  });
});

it.each([
  ["asPlatform", "const rows = await asPlatform<Row[]>(reason, fn);"],
  ["provenTenant", "const ctx = { tenantId: provenTenant(id) };"],
  ["provenOperator", "const operator = provenOperator(requestId, clock);"],
  ["tenantTransaction", "return tenantTransaction(id, fn);"],
  ["platformTransaction", "return platformTransaction(fn);"],
  ["housePool", "await housePool().query(sql);"],
  ["copyClient", "const { client } = await copyClient(id);"],
  ["Prisma.raw", "tx.$queryRaw(Prisma.raw(text));"],
  ["process.env", "const port = process.env.PORT;"],
  ["fetch", 'const reply = await fetch("https://example.com");'],
  ["console", "console.log(lead);"],
  ["the machine's clock in domain", "const now = new Date();"],
])("notices a stranger who uses %s", (name, text) => {
  const door = DOORS.find((each) => each.name === name) as Door;
  expect(uninvited(door, [{ path: "lib/domain/leads/stranger.ts", text }])).toHaveLength(1);
  expect(uninvited(door, [{ path: "lib/domain/leads/stranger.ts", text: `// ${text}` }])).toEqual([]);
});

it("never builds SQL from text that a caller could have written", () => {
  const files = codeUnder(...SERVING, "scripts", "tests").filter(
    ({ path }) => path !== "tests/architecture/doors.test.ts",
  );
  const unsafe = /\$(query|execute)RawUnsafe\b/g;
  expect(findInCode(files, unsafe).map(({ path, line }) => `${path}:${line}`)).toEqual([]);
  expect(findInCode([{ path: "x.ts", text: "tx.$queryRawUnsafe(text)" }], unsafe)).toHaveLength(1);
});
