// A process of its own for tests/platform/rate-lease.db.test.ts: says that it is ready, waits for its standard input to end, asks as often as it is told, ten
// at a time, and prints how often it was let through.
import { text } from "node:stream/consumers";
import { closeDatabase } from "@/lib/platform/db";
import { requireLeased } from "@/lib/platform/rate-lease";

const [subject = "", times = "0"] = process.argv.slice(2);
let through = 0;
let left = Number(times);
async function ask(): Promise<void> {
  while (left-- > 0) {
    await requireLeased([["api.session", subject]]).then(
      () => {
        through += 1;
      },
      () => undefined,
    );
    // Lets the other process have its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
process.stdout.write("ready\n");
await text(process.stdin);
await Promise.all(Array.from({ length: 10 }, ask));
await closeDatabase();
process.stdout.write(String(through));
