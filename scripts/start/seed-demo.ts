// Run by scripts/start.ts as a process of its own, with the environment of the app: `seed-demo.ts firms`, with what the firms are
// given on standard input, before the first scrape; `seed-demo.ts activity` after it.
import { text } from "node:stream/consumers";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { seedDemoActivity } from "@/prisma/seed/demo-activity";
import { seedDemo } from "@/prisma/seed/index";

if (process.argv[2] === "activity") await seedDemoActivity();
else await seedDemo(JSON.parse(await text(process.stdin)) as Parameters<typeof seedDemo>[0]);
await closeQueue();
await closeDatabase();
