// The TOPICs bail forms of Travis County, one pass: the same as `npm run scrape -- --county Travis`.
import { runScrapeCommand } from "./scrape-command";

await runScrapeCommand(["--county", "Travis", ...process.argv.slice(2)]);
