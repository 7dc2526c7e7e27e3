import { builtinModules } from "node:module";
import path from "node:path";
import { build, type Metafile } from "esbuild";
import { ROOT } from "../repository";

/** CommonJS packages ask for Node's own modules with `require`, which modules do not have. */
const REQUIRE = `import { createRequire as arrestraRequire } from "node:module"; const require = arrestraRequire(import.meta.url);`;

type Options = {
  out: string;
  /** Where each program is to lie, without its ending, and its source. */
  entries: Record<string, string>;
  /** Packages that cannot be put into a file: they come along as they are. */
  packages?: readonly string[];
  /** A package in place of another. */
  alias?: Record<string, string>;
};

/**
 * Puts each program with all it needs into files of plain JavaScript, shared parts once, beside maps back to the sources. Throws when something would have to
 * be found at run time that does not come along.
 */
export async function bundle({ out, entries, packages = [], alias = {} }: Options): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: entries,
    outdir: out,
    outExtension: { ".js": ".mjs" },
    // One folder below, as scripts/ is: scripts/repository.ts and scripts/migrate.ts find what lies beside that folder.
    chunkNames: "programs/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    // Else the parts of AWS's SDK come as CommonJS, and what imports one when it is needed gets none of its names.
    mainFields: ["module", "main"],
    tsconfig: path.join(ROOT, "tsconfig.json"),
    external: [...packages],
    alias,
    sourcemap: true,
    sourcesContent: false,
    legalComments: "none",
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: "error",
  });
  const missing = strangersIn(metafile, packages);
  if (missing.length > 0) throw new Error(`The programs of ${out} would look for ${missing.join(", ")} at run time.`);
}

/** What pg tries first and does well without. */
const OPTIONAL: readonly string[] = ["pg-native"];

function strangersIn({ outputs }: Metafile, packages: readonly string[]): string[] {
  const known = new Set([...builtinModules, ...OPTIONAL, ...packages]);
  const external = Object.values(outputs).flatMap(({ imports }) => imports.filter((each) => each.external));
  return [...new Set(external.map(({ path: name }) => name))].filter(
    (name) => !name.startsWith("node:") && !known.has(name),
  );
}
