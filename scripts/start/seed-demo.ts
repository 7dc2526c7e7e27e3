// Run as a process of its own by scripts/start.ts, with the environment of the app and the firms on standard input.
import { text } from "node:stream/consumers";
import { closeDatabase } from "@/lib/platform/db";
import { seedDemo } from "@/prisma/seed/index";
import type { Secrets } from "./secrets";

const firms = JSON.parse(await text(process.stdin)) as Secrets["firms"];
await seedDemo({ ownerUrl: process.env.DATABASE_URL ?? "", firms });
await closeDatabase();
