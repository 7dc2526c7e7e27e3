import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { SlowFirst } from "./tests/setup/slow-first.ts";
import { SummaryReporter } from "./tests/setup/summary-reporter.ts";

const root = fileURLToPath(new URL("./", import.meta.url));

/** Which tests need what. A test that needs more than its folder gives says so in its name: `.db.test.ts`, `.http.test.ts`. */
const database = ["tests/{domain,schema,isolation,jobs,seed}/**/*.test.ts", "tests/**/*.db.test.ts"];
const server = ["tests/http/**/*.test.ts", "tests/**/*.http.test.ts"];
const browser = ["tests/browser/**/*.test.ts"];
/** Browser tests that look at the second hand: beside another browser they would measure that one too. */
const timed = ["tests/browser/within-a-second.test.ts"];
const serverOrBrowser = [...server, ...browser];
const infrastructure = ["tests/infra/**/*.test.ts"];
/** Tests of what only computes, and of the text of the repository: nothing that one of them leaves behind is seen by the next. */
const pure = ["tests/{core,ui,architecture,docs,house}/**/*.test.{ts,tsx}"];

const globalSetup = ["tests/setup/postgres-for-all.ts"];
const setupFiles = ["tests/setup/own-database.ts"];

export default defineConfig({
  root,
  resolve: { alias: [{ find: /^@\//, replacement: root }] },
  oxc: { jsx: { runtime: "automatic" } },
  test: {
    reporters: [["default", { summary: false }], new SummaryReporter()],
    passWithNoTests: false,
    pool: "forks",
    restoreMocks: true,
    sequence: { sequencer: SlowFirst },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // What is awaited happens in other processes, which on a busy machine take their time.
    expect: { poll: { timeout: 10_000 } },
    // Groups run one after the other: what starts servers and browsers does not share two cores with anything else.
    projects: [
      {
        extends: true,
        test: {
          name: "infra",
          include: infrastructure,
          exclude: [...database, "**/node_modules/**"],
          // One process for all: what takes the time is the synthesis, which they read and do not change.
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "pure",
          include: pure,
          exclude: [...database, ...serverOrBrowser, "**/node_modules/**"],
          // A process for each would take longer than most of them do.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "unit",
          include: ["tests/**/*.test.{ts,tsx}"],
          exclude: [...pure, ...infrastructure, ...database, ...serverOrBrowser, "**/node_modules/**"],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "db",
          include: database,
          exclude: [...serverOrBrowser, "**/node_modules/**"],
          globalSetup,
          setupFiles,
          // Three on two cores: these wait for the database, for processes and for the clock.
          maxWorkers: 3,
          testTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: "http",
          include: server,
          globalSetup,
          setupFiles,
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: browser,
          exclude: [...timed, "**/node_modules/**"],
          globalSetup,
          setupFiles,
          // A page, its server and its test take turns: one file alone leaves two fifths of two cores idle.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: "timed",
          include: timed,
          globalSetup,
          setupFiles,
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
