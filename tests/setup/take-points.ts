// A process of its own for tests/platform/rate-lease.db.test.ts: asks once, so that it holds a block of the limit, says that it is ready, waits for its
// standard input to end, asks on, ten at a time, as often in all as it is told, and prints how often it was let through.
import { text } from "node:stream/consumers";
import { closeDatabase } from "@/lib/platform/db";
import { requireLeased } from "@/lib/platform/rate-lease";

const [subject = "", times = "0"] = process.argv.slice(2);
let through = 0;
let left = Number(times);
async function askOnce(): Promise<void> {
  left -= 1;
  await requireLeased([["api.session", subject]]).then(
    () => {
      through += 1;
    },
    () => undefined,
  );
}
async function ask(): Promise<void> {
  while (left > 0) {
    await askOnce();
    // Lets the other process have its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
await askOnce();
process.stdout.write("ready\n");
await text(process.stdin);
await Promise.all(Array.from({ length: 10 }, ask));
await closeDatabase();
process.stdout.write(String(through));
