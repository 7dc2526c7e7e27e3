import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../repository";
import { table } from "./table";

/** For names that say it all in .env.example. */
const WORDS: Record<string, string> = {
  TWILIO_BASE_URL: "Where Twilio Lookup v2 answers.",
  TWILIO_ACCOUNT_SID: "Twilio account.",
  TWILIO_API_KEY_SID: "Twilio API key.",
  TWILIO_API_KEY_SECRET: "Its secret. Without the three, phone checks are refused as `not_configured`.",
  KICKBOX_BASE_URL: "Where Kickbox answers.",
  KICKBOX_API_KEY: "Kickbox key. Without it, e-mail checks are refused as `not_configured`.",
  ARRESTRA_API_URL: "Where scrapers post to: the apex.",
  TOPICS_BASE_URL: "Where the TOPICs bail forms are.",
  SCRAPER_MIN_INTERVAL_MS: "Milliseconds between two requests to one site.",
  SCRAPER_DAILY_BUDGET: "Requests a day to one site.",
};

/** Every setting of .env.example, in its order, under its headings; the comment above a name is its meaning. */
export function settingsTable(): string {
  const rows: string[][] = [];
  let words: string[] = [];
  for (const line of readFileSync(path.join(ROOT, ".env.example"), "utf8").split("\n")) {
    const heading = /^# --- (.+?) -+$/.exec(line)?.[1];
    const [, name = "", value = ""] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (heading) rows.push([`**${heading.split(":")[0]}**`, "", heading.split(": ")[1] ?? ""]);
    if (name) rows.push([`\`${name}\``, value ? `\`${value}\`` : "", WORDS[name] ?? words.join(" ")]);
    words = line.startsWith("# ") && !heading ? [...words, line.slice(2)] : [];
  }
  return table(["setting", "example or default", "meaning"], rows);
}
