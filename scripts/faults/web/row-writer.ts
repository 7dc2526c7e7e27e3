// The control of web-killed: takes what `POST /api/leads/ingest` takes, and stores it lead by lead, each in a transaction of its own.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { type Ctx, provenTenant } from "@/lib/domain/context/ctx";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";

const [port = "0", firmId = ""] = process.argv.slice(2);
const ctx = (): Ctx => ({
  tenantId: provenTenant(firmId),
  actor: { type: "service", id: "fault" },
  requestId: newId(),
  clock: systemClock,
});

createServer(async (request, response) => {
  const { source, leads } = (await json(request)) as { source: string; leads: unknown[] };
  for (const lead of leads) await ingestLeads(ctx(), { source, leads: [lead] } as Parameters<typeof ingestLeads>[1]);
  response.writeHead(200).end("{}");
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));
