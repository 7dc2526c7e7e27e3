// `npm run scrape -- --county Travis`: see scrape-command.ts.
import { runScrapeCommand } from "./scrape-command";

await runScrapeCommand(process.argv.slice(2));
