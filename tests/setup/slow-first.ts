import { existsSync } from "node:fs";
import path from "node:path";
import { BaseSequencer, type TestSpecification, type Vitest } from "vitest/node";

/** The slowest files of their groups, each by its path below tests/. A slow one that starts last is waited for by all. */
const SLOW = [
  ...["workers/scenarios.test.ts", "workers/crash.test.ts", "scripts/embedded-postgres.test.ts"],
  ...["workers/command.test.ts", "domain/list-plans.test.ts", "isolation/routes.test.ts"],
  ...["isolation/people-routes.test.ts", "audit/audit-plans.db.test.ts", "domain/export-leads.test.ts"],
  ...["isolation/scope-routes.db.test.ts", "jobs/run-jobs.test.ts", "sync/days.db.test.ts"],
  ...["scripts/restore-drill.db.test.ts", "auth/sign-in-told.db.test.ts", "sync/acuity-orders.db.test.ts"],
  ...["deploy/rollout.http.test.ts", "isolation/pages.http.test.ts", "http/ingest-kill.test.ts"],
  ...["deploy/container.http.test.ts", "browser/accessibility.test.ts", "browser/files.test.ts"],
  "browser/lead.test.ts",
];

/** Starts what is known to be slow first in its group. Vitest knows it only of files that have run before, in this clone. */
export class SlowFirst extends BaseSequencer {
  readonly #places: Map<string, number>;

  constructor(vitest: Vitest) {
    super(vitest);
    const { root } = vitest.config;
    this.#places = new Map(SLOW.map((file, at) => [path.join(root, "tests", file), at]));
    const gone = [...this.#places.keys()].filter((file) => !existsSync(file));
    if (gone.length > 0) throw new Error(`tests/setup/slow-first.ts names what is not there: ${gone.join(", ")}`);
  }

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => this.#places.get(moduleId) ?? SLOW.length;
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || place(a) - place(b));
  }
}
