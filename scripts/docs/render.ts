import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { edgeTable, inputTable, measuredTable, planTable } from "../capacity/page";
import { ROOT } from "../repository";
import { apiOperations } from "./api-page";
import { asvsCounts, asvsTable } from "./asvs-page";
import { errorSections } from "./error-page";
import { eventSections } from "./event-page";
import { exportTable } from "./export-page";
import {
  atOnceLimits,
  encryptedColumns,
  lockSteps,
  providerLimits,
  rateLimits,
  schedules,
  sizeLimits,
  vendorPaces,
} from "./limit-tables";
import { makeOpenApi } from "./openapi";
import { roleTable } from "./role-table";
import { settingsTable } from "./settings-table";

/** A document with its generated parts as they should be. */
export type RenderedDocument = { file: string; text: string; isStale: boolean };

/** Which parts of which documents follow from the code. Each part stands between `<!-- generated: NAME -->` and `<!-- /generated -->`. */
const PARTS: Record<string, Record<string, () => string>> = {
  "README.md": { settings: settingsTable },
  "docs/how-to/manage-users.md": { roles: roleTable },
  "docs/reference/api.md": { operations: apiOperations },
  "docs/reference/errors.md": { errors: errorSections },
  "docs/reference/events.md": { events: eventSections },
  "docs/reference/export.md": { columns: exportTable },
  "docs/reference/limits.md": {
    sizes: sizeLimits,
    rates: rateLimits,
    "at-once": atOnceLimits,
    lock: lockSteps,
    providers: providerLimits,
    paces: vendorPaces,
    schedules,
  },
  "docs/asvs.md": { counts: asvsCounts, requirements: asvsTable },
  "docs/cost-and-capacity.md": {
    plans: () => planTable(),
    edges: () => edgeTable(),
    measured: () => measuredTable(),
    inputs: inputTable,
  },
  "docs/security.md": { encrypted: encryptedColumns },
};

const OPENAPI = "docs/reference/openapi.json";

/** Every document with generated parts, and whether the one in the tree still says the same. Throws when a document lacks its marks. */
export function renderDocuments(): RenderedDocument[] {
  const pages = Object.entries(PARTS).map(([file, parts]): RenderedDocument => {
    const before = readFileSync(path.join(ROOT, file), "utf8");
    const text = Object.entries(parts).reduce((page, [name, render]) => fill(file, page, name, render()), before);
    return { file, text, isStale: plain(text) !== plain(before) };
  });
  return [...pages, renderOpenApi()];
}

/** Without what the formatter decides: the width of table columns. */
const plain = (text: string): string => text.replace(/ {2,}/g, " ").replace(/-{3,}/g, "---");

/** Compared as data: the formatter decides about line breaks. */
function renderOpenApi(): RenderedDocument {
  const description = JSON.parse(JSON.stringify(makeOpenApi())) as unknown;
  const file = path.join(ROOT, OPENAPI);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as unknown) : null;
  const text = `${JSON.stringify(description, null, 2)}\n`;
  return { file: OPENAPI, text, isStale: !isDeepStrictEqual(description, before) };
}

/** Replaces what stands between the marks of one part. */
export function fill(file: string, page: string, name: string, content: string): string {
  const open = `<!-- generated: ${name} -->`;
  const start = page.indexOf(open);
  const end = page.indexOf("<!-- /generated -->", start);
  if (start === -1 || end === -1)
    throw new Error(`${file} has no place for "${name}": ${open} ... <!-- /generated -->`);
  return `${page.slice(0, start + open.length)}\n${content.trim()}\n${page.slice(end)}`;
}
