// One window of flood: `BASE_URL KEY PER_SECOND MILLISECONDS NAME`. A process of its own, so that what it does with its own processor is in nobody's reply times.
// Says "flooding" when it begins and "over" when it sends no more; its last line is what came of it, as JSON.
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { batchOf, FLOOD } from "./batch-of";
import type { Flooded } from "./flood";

const [baseUrl = "", key = "", perSecond = "", milliseconds = "", name = ""] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: FLOOD.atOnce });
const counts: Flooded = { asked: 0, heldBack: 0, taken: 0, refused: 0, others: 0 };
let inFlight = 0;

function post(): void {
  inFlight++;
  const batch = `${name}-${counts.asked++}`;
  const { host, port } = new URL(baseUrl);
  const headers = {
    host,
    authorization: `Bearer ${key}`,
    "idempotency-key": batch,
    "content-type": "application/json",
  };
  const sent = http.request({ agent, host: "127.0.0.1", port, path: "/api/leads/ingest", method: "POST", headers });
  sent.once("response", (reply) => {
    if (reply.statusCode === 200) counts.taken++;
    else if (reply.statusCode === 429) counts.refused++;
    else counts.others++;
    reply.resume();
  });
  sent.once("error", () => undefined);
  sent.once("close", () => {
    inFlight--;
  });
  sent.end(JSON.stringify(batchOf(batch, FLOOD.leads)));
}

console.log("flooding");
const began = performance.now();
const since = () => performance.now() - began;
for (let due = 0; since() < Number(milliseconds); await sleep(1000 / Number(perSecond)))
  for (; due < (since() / 1000) * Number(perSecond); due++)
    if (inFlight < FLOOD.atOnce) post();
    else counts.heldBack++;
console.log("over");
while (inFlight > 0) await sleep(20);
agent.destroy();
console.log(JSON.stringify(counts));
