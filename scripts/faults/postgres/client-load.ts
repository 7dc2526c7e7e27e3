import { setTimeout as sleep } from "node:timers/promises";
import { type Reply, request, until } from "@/tests/setup/http";
import type { HouseDatabase } from "../house";
import { judgeBatches, postBatch, storedBatches } from "../web/batches";

const BATCH = 10;
const SENDERS = 3;
const READERS = 2;
/** What did not come through is asked again after this, by clients that know no better. */
const PAUSE_MS = 50;

/** How the load is described where it is used. */
export const LOAD_WORDS = `${SENDERS} clients post batches of ${BATCH} leads, sent again under their idempotency key until they are acknowledged, and ${READERS} read the list`;

/** Clients that write and read through the web server while something happens to its database. Resolves when each has had a good reply. */
export async function startClientLoad(baseUrl: string, { firm }: HouseDatabase) {
  const acknowledged = new Set<string>();
  const strange: string[] = [];
  let [refused, isOn] = [0, true];
  /** When each client last had a good reply. */
  const goodAt: number[] = Array.from({ length: SENDERS + READERS }, () => 0);

  async function tell(client: number, ask: () => Promise<Reply>): Promise<boolean> {
    const reply = await ask().catch((error: Error) => error);
    if (!(reply instanceof Error) && reply.status === 200) {
      goodAt[client] = performance.now();
      return true;
    }
    if (!(reply instanceof Error) && reply.status === 503 && reply.headers["retry-after"]) refused++;
    else strange.push(reply instanceof Error ? reply.message : `${reply.status} ${reply.text.slice(0, 200)}`);
    await sleep(PAUSE_MS);
    return false;
  }
  async function send(sender: number): Promise<void> {
    for (let i = 0; isOn; i++) {
      const name = `s${sender}-${i}`;
      let isTaken = false;
      while (isOn && !isTaken) isTaken = await tell(sender, () => postBatch(baseUrl, firm.key.text, name, BATCH));
      if (isTaken) acknowledged.add(name);
    }
  }
  async function read(client: number): Promise<void> {
    const headers = { "x-api-key": firm.key.text };
    while (isOn) await tell(client, () => request(`${baseUrl}/api/leads?limit=10`, { headers }));
  }
  const clients = [
    ...Array.from({ length: SENDERS }, (_, sender) => send(sender)),
    ...Array.from({ length: READERS }, (_, reader) => read(SENDERS + reader)),
  ];
  const goodAgain = (since: number) =>
    until("every client has had a good reply", () => goodAt.every((at) => at > since), 60_000);
  await goodAgain(performance.now());
  return {
    acknowledged,
    refused: () => refused,
    /** Milliseconds from now until every client has had a good reply to something it asked. */
    async recoveryMs(): Promise<number> {
      const since = performance.now();
      await goodAgain(since);
      return Math.round(performance.now() - since);
    },
    /** Ends the load and counts. `otherReplies` are neither good nor a 503 with Retry-After. */
    async judge(say: (line: string) => void) {
      isOn = false;
      await Promise.all(clients);
      for (const each of new Set(strange.slice(0, 5))) say(`other reply: ${each}`);
      const judged = judgeBatches(await storedBatches(firm.id), acknowledged, BATCH);
      return { ...judged, refused, otherReplies: strange.length };
    },
  };
}
