/** Domain rooms from left to right: a room may import those to its left. */
export const DOMAIN_ORDER = [
  "context",
  "events",
  "tenants",
  "auth",
  "leads",
  "enrichment",
  "outreach",
  "bookings",
  "sync",
  "export",
  "reports",
] as const;

/** A place of the house. `holds` decides which files it is made of, `mayImport` what of ours they may take. Paths are prefixes, files whole. */
export type Room = { name: string; holds: readonly string[]; mayImport: readonly string[]; why: string };

const SCRAPER_PLATFORM = ["lib/platform/env", "lib/platform/log", "lib/platform/redact", "lib/platform/http-client"];

const domainRooms = DOMAIN_ORDER.map(
  (name, index): Room => ({
    name: `lib/domain/${name}`,
    holds: [`lib/domain/${name}/`],
    mayImport: [
      "lib/core/",
      "lib/contracts/",
      "lib/platform/",
      "lib/integrations/",
      ...DOMAIN_ORDER.slice(0, index).map((left) => `lib/domain/${left}/`),
    ],
    why: `A verb knows what is below it and the rooms to its left (${DOMAIN_ORDER.join(" < ")}), never who calls it.`,
  }),
);

/** The import rule. The first room that holds a file is its room; every room may import itself. */
export const ROOMS: readonly Room[] = [
  {
    name: "lib/core",
    holds: ["lib/core/"],
    mayImport: [],
    why: "Core is pure: it imports nothing of ours, so that everything may import it.",
  },
  {
    name: "lib/contracts",
    holds: ["lib/contracts/"],
    mayImport: ["lib/core/"],
    why: "Contracts are shapes: scrapers and pages use them without bringing the database along.",
  },
  {
    name: "lib/platform",
    holds: ["lib/platform/"],
    mayImport: ["lib/core/"],
    why: "Platform wraps machines and knows no business word.",
  },
  {
    name: "lib/integrations",
    holds: ["lib/integrations/"],
    mayImport: ["lib/core/", "lib/platform/", "lib/contracts/providers"],
    why: "An integration speaks to one vendor and answers in our shapes (lib/contracts/providers.ts); who asks, and why, is the domain's.",
  },
  ...domainRooms,
  {
    name: "lib/jobs",
    holds: ["lib/jobs/"],
    mayImport: ["lib/domain/", "lib/contracts/", "lib/platform/", "lib/core/"],
    why: "A job handler restores the firm and calls one verb.",
  },
  {
    name: "lib/http",
    holds: ["lib/http/"],
    mayImport: [
      ...["context", "events", "tenants", "auth"].map((room) => `lib/domain/${room}/`),
      "lib/contracts/",
      "lib/platform/",
      "lib/core/",
    ],
    why: "A gate proves who is asking. What is asked for is the route's business, so no gate imports leads.",
  },
  {
    name: "lib/ui",
    holds: ["lib/ui/"],
    mayImport: ["lib/core/", "lib/contracts/"],
    why: "Components run in the browser: they get data as props and know no verb and no database.",
  },
  {
    name: "app",
    holds: ["app/"],
    mayImport: ["lib/http/", "lib/domain/", "lib/contracts/", "lib/ui/", "lib/core/"],
    why: "A route proves who is asking through lib/http, then calls one verb; machines stay below the verb.",
  },
  {
    name: "workers (runner)",
    holds: ["workers/run-jobs.ts"],
    mayImport: ["lib/jobs/", "lib/platform/", "lib/contracts/", "lib/core/"],
    why: "The runner starts handlers that live in lib/jobs.",
  },
  {
    name: "workers (scheduler)",
    holds: ["workers/run-schedule.ts", "workers/send-slots.ts"],
    mayImport: [
      "lib/jobs/schedules",
      "lib/contracts/",
      "lib/core/",
      "lib/platform/jwt",
      "lib/platform/secrets",
      ...SCRAPER_PLATFORM,
    ],
    why: "The scheduler tells the web server what is due, over HTTP with a service token: no database, so that a cloud's own clock can take its place.",
  },
  {
    name: "workers (Lambda)",
    holds: ["workers/lambda.ts"],
    mayImport: ["workers/", "lib/core/", "lib/contracts/", "lib/platform/secrets", ...SCRAPER_PLATFORM],
    why: "A scraper on Lambda has no file for its firms' keys: they come from a secret of its own, which holds nothing else.",
  },
  {
    name: "workers (scrapers)",
    holds: ["workers/"],
    mayImport: [
      "lib/core/",
      "lib/contracts/",
      "lib/platform/file-store",
      "lib/platform/safe-addresses",
      ...SCRAPER_PLATFORM,
    ],
    why: "A scraper knows the contracts, HTTP, which hosts are this machine and a bucket for its sealed pages, which outlive its machine; never the database, the queue or the keys: it could live in another repository tomorrow.",
  },
  {
    name: "middleware.ts",
    holds: ["middleware.ts"],
    mayImport: ["lib/core/host", "lib/core/bucket-origin"],
    why: "Middleware runs before every page and must stay small; it is a convenience, never the only check.",
  },
  {
    name: "instrumentation.ts",
    holds: ["instrumentation.ts"],
    mayImport: [
      "lib/http/assert-ready",
      "lib/http/drain",
      "lib/http/request-guard",
      "lib/platform/metrics",
      "lib/platform/secrets",
      "lib/platform/traced",
    ],
    why: "It lets the secrets come, asks one question before the first request, may this process serve, puts the guard before it, turns on traces where they are wanted, lets the process count, and makes SIGTERM a leave.",
  },
  {
    name: "sandbox",
    holds: ["sandbox/"],
    mayImport: ["lib/core/", "lib/contracts/"],
    why: "The sandbox is the outside world: if it knew our insides, it would agree with our mistakes.",
  },
  {
    name: "infra",
    holds: ["infra/"],
    mayImport: ["lib/contracts/jobs", "lib/core/metric-names", "lib/core/queue-names"],
    why: "Infrastructure describes machines and knows nothing of ours but two tables and a rule: of jobs, whose tries and times its queues take, of the numbers that alarms look at, and of what queues are called.",
  },
];

/** Exceptions to the table, each with its reason. An entry that is no longer needed fails the test. */
export const EXCEPTIONS: readonly { from: string; to: string; reason: string }[] = [];

const isIn = (file: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => file.startsWith(prefix) || file === prefix || `${file}.ts` === prefix);

/** The room of a file, or undefined for scripts, seeds, tests and settings, which may look everywhere. */
export const roomOf = (file: string): Room | undefined => ROOMS.find((room) => isIn(file, room.holds));

/** Whether a file of this room may take this path of ours. */
export const mayImport = (room: Room, target: string): boolean =>
  roomOf(target) === room || isIn(target, room.mayImport);
