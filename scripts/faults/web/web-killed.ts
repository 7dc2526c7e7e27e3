import { setTimeout as sleep } from "node:timers/promises";
import type { TestProcess } from "@/tests/setup/app";
import { until } from "@/tests/setup/http";
import { freePort } from "../../free-port";
import type { Fault, Size, Verdict } from "../fault";
import type { HouseDatabase } from "../house";
import { judgeBatches, postBatch, storedBatches } from "./batches";

const BATCH = 100;
const SENDERS = 2;
const KILLS: Record<Size, number> = { quick: 10, full: 200 };
/** Without the transaction nearly every kill shows, and a lead takes as long as a batch. */
const CONTROL_BATCH = 20;
const CONTROL_KILLS: Record<Size, number> = { quick: 3, full: 20 };
/** The moments of the kills, as shares of the time until the first reply: before it, at it, and in the batches after it. */
const MOMENTS = Array.from({ length: 20 }, (_, at) => 0.15 + ((at * 7) % 20) * 0.1);

export const webKilled: Fault = {
  name: "web-killed",
  about: `Two clients post batches of ${BATCH} leads to the packed web server, each under its own idempotency key. SIGKILL at moments spread over the life of a batch, ${KILLS.full} servers one after the other (${KILLS.quick} in a quick play); afterwards every batch is counted in the database with its charges, events and observations.`,
  invariant: "an acknowledged batch is all there with its events; one that was not is there wholly or not at all",
  limitSeconds: { full: 1200 },
  play: async (house, size) => {
    const database = await house.database();
    // Servers start quicker with what one that ended well has left of its compiled code.
    const env = { NODE_COMPILE_CACHE: house.folder() };
    const start = () => house.web(database, { env });
    const first = await start();
    await postBatch(first.baseUrl, database.firm.key.text, "first", BATCH);
    await first.stop();
    return killMidIngest(database, { kills: KILLS[size], batch: BATCH, start, say: house.say });
  },
  control: {
    without: "the transaction around a batch: a server that calls the same verb with one lead after the other",
    play: async (house, size) => {
      const database = await house.database();
      const start = async () => {
        const port = await freePort();
        const args = [String(port), database.firm.id];
        const server = house.script("scripts/faults/web/row-writer.ts", database, { args });
        await until("the server without a transaction listens", () => server.logs().includes("listening"));
        return { ...server, baseUrl: `http://localhost:${port}` };
      };
      return killMidIngest(database, { kills: CONTROL_KILLS[size], batch: CONTROL_BATCH, start, say: house.say });
    },
  },
};

type Server = TestProcess & { baseUrl: string };

type Kills = { kills: number; batch: number; start: () => Promise<Server>; say: (line: string) => void };

async function killMidIngest({ firm }: HouseDatabase, { kills, batch, start, say }: Kills): Promise<Verdict> {
  const acknowledged = new Set<string>();
  let sent = 0;
  let firstReplyMs = 0;
  // The next one starts while this one works.
  let next = start();
  for (let kill = 0; kill < kills; kill++) {
    const server = await next;
    if (kill + 1 < kills) {
      next = start();
      next.catch(() => undefined); // heard when it is awaited
    }
    const began = performance.now();
    let isDead = false;
    let hasReplied = false;
    let heard = () => {};
    const firstReply = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const senders = Array.from({ length: SENDERS }, async (_, sender) => {
      for (let i = 0; !isDead; i++) {
        const name = `k${kill}-s${sender}-${i}`;
        sent++;
        const reply = await postBatch(server.baseUrl, firm.key.text, name, batch).catch(() => null);
        if (reply?.status === 200) acknowledged.add(name);
        else if (!isDead) throw new Error(`${reply?.status ?? "no reply"} before the kill: ${reply?.text}`);
        if (reply && !hasReplied) {
          hasReplied = true;
          // A server's first reply takes longest, and on a busy machine longer still.
          firstReplyMs = firstReplyMs ? (firstReplyMs + performance.now() - began) / 2 : performance.now() - began;
          heard();
        }
      }
    });
    const cut = Promise.all(senders);
    await Promise.race([cut, firstReplyMs ? sleep(firstReplyMs * (MOMENTS[kill % MOMENTS.length] ?? 1)) : firstReply]);
    if (!hasReplied) firstReplyMs *= 1.1;
    isDead = true;
    await server.kill9();
    await cut;
    if ((kill + 1) % 25 === 0)
      say(`${kill + 1} of ${kills} kills, ${acknowledged.size} of ${sent} batches acknowledged`);
  }
  const judged = judgeBatches(await storedBatches(firm.id), acknowledged, batch);
  const figures = { kills, ...judged, cut: sent - acknowledged.size };
  if (judged.acknowledged === 0 || figures.cut === 0)
    throw new Error(`No kill met a batch: ${JSON.stringify(figures)}`);
  return { holds: judged.lost === 0 && judged.partial === 0, figures };
}
