// `npm run new:source NAME`: writes the files of a new source, an example page, and a failing test that says what to do next.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "..");
const name = process.argv[2] ?? "";
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
  process.stderr.write("Usage: npm run new:source NAME   (kebab-case, such as travis-sheriff)\n");
  process.exit(2);
}
const pascal = name.replace(/(^|-)(\w)/g, (_, __, letter) => letter.toUpperCase());
const camel = pascal[0].toLowerCase() + pascal.slice(1);

const files = {
  [`workers/sources/${name}/fetch.ts`]: `import type { PageRequest } from "../fetchers/fetcher";

/** The request for the list. Public pages only, and no look-up by name. */
export const listRequest = (baseUrl: URL): PageRequest => ({ url: new URL("list", baseUrl).href });

/** The request for one record. */
export const detailRequest = (baseUrl: URL, id: string): PageRequest => ({
  url: new URL(\`detail/\${encodeURIComponent(id)}\`, baseUrl).href,
});
`,
  [`workers/sources/${name}/parse-list.ts`]: `import { PageChanged } from "../errors";
import type { ListedForm, Listing } from "../source";

/** The rows of the list. Pure; throws \`PageChanged\`, and nothing else, when a landmark is missing. */
export function parseList(_body: string): Listing<ListedForm> {
  throw new PageChanged("list", "parseList of ${name} is not written yet");
}
`,
  [`workers/sources/${name}/parse-detail.ts`]: `import type { IngestLead } from "@/lib/contracts/ingest";
import { PageChanged } from "../errors";

/** The lead of one page. Pure; throws \`PageChanged\`, and nothing else, when a landmark is missing. */
export function parseDetail(_body: string, _timezone: string): IngestLead {
  throw new PageChanged("detail", "parseDetail of ${name} is not written yet");
}
`,
  [`workers/sources/${name}/${name}-source.ts`]: `import type { County } from "@/lib/core/county";
import type { Fetcher } from "../fetchers/fetcher";
import type { ListedForm, Source } from "../source";
import { detailRequest, listRequest } from "./fetch";
import { parseDetail } from "./parse-detail";
import { parseList } from "./parse-list";

/** ${pascal}: say here what it is, who runs it, and since when we know it. */
export function ${camel}Source(
  county: County,
  options: { baseUrl: URL; fetcher: Fetcher; reviewedUntil: Date | null },
): Source<ListedForm> {
  const { baseUrl, fetcher, reviewedUntil } = options;
  const timezone = "America/Chicago";
  return {
    id: "${name}",
    county,
    timezone,
    reviewedUntil,
    baseUrl,
    list: () => fetcher.fetch(listRequest(baseUrl)),
    detail: (id) => fetcher.fetch(detailRequest(baseUrl, id)),
    parseList: (page) => parseList(page.body),
    parseLead: (page) => parseDetail(page.body, timezone),
  };
}
`,
  [`tests/fixtures/${name}/one-record.html`]:
    "<!-- Save a real page here, with every person's data replaced by invented data. -->\n",
  [`tests/fixtures/${name}/one-record.json`]: "{}\n",
  [`tests/workers/${name}-pages.test.ts`]: `import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SOURCES } from "@/lib/contracts/sources";
import { REVIEWS } from "@/workers/sources/reviews";
import { parseDetail } from "@/workers/sources/${name}/parse-detail";

const folder = join(import.meta.dirname, "../fixtures/${name}");
const pages = readdirSync(folder).filter((file) => file.endsWith(".html"));

// What to do next, in order: docs/how-to/add-a-source.md.
describe("${name}", () => {
  it.each(pages)("%s reads as the JSON beside it says", (file) => {
    const html = readFileSync(join(folder, file), "utf8");
    const expected: unknown = JSON.parse(readFileSync(join(folder, file.replace(".html", ".json")), "utf8"));
    expect(JSON.parse(JSON.stringify(parseDetail(html, "America/Chicago")))).toEqual(expected);
  });

  it("is registered in lib/contracts/sources.ts", () => {
    expect([...SOURCES.keys()].filter((id) => id.startsWith("${name}"))).not.toEqual([]);
  });

  it("has a review record in workers/sources/reviews.json, signed or not", () => {
    expect(REVIEWS.map((review) => review.host)).toContain("the host of ${name}");
  });
});
`,
};

const taken = Object.keys(files).filter((file) => existsSync(path.join(ROOT, file)));
if (taken.length > 0) {
  process.stderr.write(`There is a ${taken[0]} already: nothing was written.\n`);
  process.exit(1);
}
for (const [file, content] of Object.entries(files)) {
  mkdirSync(path.dirname(path.join(ROOT, file)), { recursive: true });
  writeFileSync(path.join(ROOT, file), content);
  process.stdout.write(`wrote ${file}\n`);
}
process.stdout.write(`\nNow: npx vitest run tests/workers/${name}-pages.test.ts, and docs/how-to/add-a-source.md.\n`);
