import { readFileSync } from "node:fs";
import { z } from "zod";
import { type County, findCounty } from "@/lib/core/county";
import type { ScraperSettings } from "./settings";

const county = z.string().transform((name, ctx): County => {
  const found = findCounty(name);
  if (found) return found;
  ctx.addIssue({ code: "custom", message: `${name} is no county of Texas` });
  return z.NEVER;
});

const Firm = z.strictObject({
  /** The firm's slug; also names its files in the state folder. */
  firm: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be a slug such as smithlaw"),
  apiKey: z.string().min(1),
  counties: z.array(county).min(1),
});
/** A firm that leads go to: its key and the counties it takes. */
export type Firm = z.infer<typeof Firm>;

const Firms = z
  .array(Firm)
  .refine((firms) => new Set(firms.map((firm) => firm.firm)).size === firms.length, "names a firm twice");

/**
 * The firms of `SCRAPER_FIRMS_FILE` or `SCRAPER_FIRMS`: `[{ "firm": "smithlaw", "apiKey": "...", "counties": ["Travis"] }]`. Throws with what is wrong, never
 * with a key.
 */
export function readFirms(given: ScraperSettings["firms"]): Firm[] {
  const name = "file" in given ? `the firms file ${given.file}` : "SCRAPER_FIRMS";
  let content: unknown;
  try {
    content = JSON.parse("file" in given ? readFileSync(given.file, "utf8") : given.text);
  } catch (error) {
    throw new Error(`${name} cannot be read (${error instanceof SyntaxError ? "not JSON" : "no such file"})`);
  }
  const parsed = Firms.safeParse(content);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`${name} is wrong:\n${lines.join("\n")}`);
}
