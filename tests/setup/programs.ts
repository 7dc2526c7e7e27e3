import { existsSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync } from "node:fs";
import path from "node:path";
import { bundle } from "../../scripts/container/bundle";
import { ensureGenerated } from "../../scripts/generate";
import { hashFiles } from "../../scripts/hash-files";
import { withLock } from "../../scripts/lock-file";
import { ROOT, STATE } from "../../scripts/repository";

const PLACE = path.join(STATE, "test-programs");
const KEPT = 4;
/** Longer than any run of tests, which starts programs of its pack until its end. */
const IN_USE_MS = 30 * 60_000;

/** The processes that tests start, by their source. One from its source takes a second or two of a core to start, and tests start a hundred. */
const PROGRAMS = [
  ...["workers/run-jobs.ts", "workers/run-schedule.ts", "workers/scrape.ts", "workers/topics-travis.ts"],
  ...["workers/lambda.ts", "scripts/arrestra.ts", "scripts/audit-verify.ts", "scripts/firm.ts"],
  ...["scripts/rotate-fields.ts", "scripts/container/entry.ts"],
  ...["tests/setup/take-points.ts", "tests/setup/hold-lock.ts", "tests/platform/dying-worker.ts"],
] as const;

/** What they are made of. */
const SOURCES = [
  ...["lib", "workers", "scripts", "prisma/schema", "package-lock.json", "tsconfig.json", "tests/setup"],
  ...["tests/jobs/superuser.ts", "tests/platform/dying-worker.ts", "tests/platform/job-ways.ts"],
];

/** All of them lie one folder below that of a pack: scripts/repository.ts and scripts/migrate.ts find what lies beside that folder. */
const placeOf = (program: string): string => `programs/${program.replace(/\.ts$/, "").replaceAll("/", "-")}`;

const hashSources = (): string => hashFiles(ROOT, SOURCES, (file) => file.startsWith("lib/platform/generated/"));

/** Packs them where a source has changed since. Resolves with the folder, which is named by the hash of the sources. */
async function pack(): Promise<string> {
  await ensureGenerated();
  const hash = hashSources();
  const folder = path.join(PLACE, hash);
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date());
    return folder;
  }
  // Of this process alone: another one that packs the same is not in its way.
  const fresh = `${folder}.fresh-${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  const entries = Object.fromEntries(PROGRAMS.map((program) => [placeOf(program), program]));
  await bundle({ out: fresh, entries, packages: ["playwright", "fauxqs", "vitest"] });
  symlinkSync(path.join(ROOT, "prisma"), path.join(fresh, "prisma"));
  // A pack of sources that changed under it is of neither state.
  if (hashSources() !== hash) {
    rmSync(fresh, { recursive: true });
    return pack();
  }
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(fresh, { recursive: true });
  }
  removeOld();
  return folder;
}

function removeOld(): void {
  const age = (name: string) => Date.now() - statSync(path.join(PLACE, name)).mtimeMs;
  const oldest = readdirSync(PLACE)
    .sort((a, b) => age(a) - age(b))
    .slice(KEPT)
    .filter((name) => age(name) > IN_USE_MS);
  for (const name of oldest) rmSync(path.join(PLACE, name), { recursive: true, force: true });
}

const folder = await withLock(path.join(STATE, "test-programs.lock"), pack);

/** Where the program of this source lies in plain JavaScript, from the root of the repository: `node` starts it as it is. */
export const packed = (program: (typeof PROGRAMS)[number]): string =>
  path.relative(ROOT, path.join(folder, `${placeOf(program)}.mjs`));
