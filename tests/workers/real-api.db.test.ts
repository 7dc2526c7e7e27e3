import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { GET as known } from "@/app/api/ingest/known/route";
import { PATCH as finishRun } from "@/app/api/ingest/runs/[id]/route";
import { POST as startRun } from "@/app/api/ingest/runs/route";
import { POST as ingest } from "@/app/api/leads/ingest/route";
import { call, type Route } from "../http/call";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { openStage, type Stage } from "./stage";

/** The product's own routes on a port, as a worker meets them. */
async function serveApi(): Promise<string> {
  const server = createServer(async (req, res) => {
    const path = req.url ?? "/";
    const id = /^\/api\/ingest\/runs\/([^/?]+)/.exec(path)?.[1];
    const route = path.startsWith("/api/leads/ingest")
      ? ingest
      : path.startsWith("/api/ingest/known")
        ? known
        : id
          ? finishRun
          : startRun;
    const body = await buffer(req);
    const headers = Object.fromEntries(
      Object.entries(req.headers).flatMap(([name, value]) =>
        typeof value === "string" && name !== "host" ? [[name, value]] : [],
      ),
    );
    const reply = await call(route as Route, path, {
      method: req.method,
      headers,
      ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
      ids: id ? { id } : {},
    });
    res
      .writeHead(reply.status, { "content-type": reply.headers.get("content-type") ?? "application/json" })
      .end(reply.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Row = Record<string, unknown>;
const rows = (firm: TestFirm, sql: string): Promise<Row[]> =>
  asOwner(firm.id, async (client) => (await client.query<Row>(sql, [firm.id])).rows);

async function stageFor(scenario: string, firms: TestFirm[]): Promise<Stage> {
  const stage = await openStage(scenario);
  stage.settings.apiUrl = await serveApi();
  writeFileSync(
    stage.settings.firmsFile,
    JSON.stringify(firms.map(({ slug, key }) => ({ firm: slug, apiKey: key.text, counties: ["Travis"] }))),
  );
  return stage;
}

it("fills two firms from one reading of the court's site, and closes both runs with accounts that add up", async () => {
  const firms = [await makeFirm(), await makeFirm()];
  const stage = await stageFor("awkward-names", firms);
  expect(await stage.scrape()).toMatchObject({ status: "succeeded", fetched: 14, waiting: [] });
  expect(stage.said).toEqual([]);
  for (const firm of firms) {
    expect(await rows(firm, "SELECT name FROM lead WHERE tenant_id = $1")).toHaveLength(14);
    const [run] = await rows(firm, "SELECT * FROM ingest_run WHERE tenant_id = $1");
    expect(run).toMatchObject({ source: "topics.travis", status: "succeeded", found: 14 });
  }
  expect(await stage.scrape()).toMatchObject({ status: "succeeded", fetched: 0 });
  expect(stage.asked().filter((path) => path.includes("/BailPublic/BailPublic/"))).toHaveLength(14);
});

it("takes a form off when two lists lack it, and puts it back when it returns", async () => {
  const firm = await makeFirm();
  const stage = await stageFor("form-withdrawn", [firm]);
  const withdrawn = async () =>
    (await rows(firm, "SELECT source_id FROM lead WHERE tenant_id = $1 AND withdrawn_at IS NOT NULL")).length;
  const seen: number[] = [];
  for (let step = 0; step < 4; step += 1) {
    await stage.scrape();
    seen.push(await withdrawn());
    stage.sandbox.topics.site.advance("Travis");
  }
  expect(seen).toEqual([0, 0, 1, 0]);
  const types = (await eventsOf(firm)).map((event: Row) => event.type);
  expect(types).toEqual(expect.arrayContaining(["lead.ingested", "lead.withdrawn", "lead.reinstated"]));
});

it("keeps the four bail states apart all the way into the firm's charges", async () => {
  const firm = await makeFirm();
  const stage = await stageFor("four-bail-states", [firm]);
  await stage.scrape();
  const charges = await rows(
    firm,
    "SELECT charge.bail_type, charge.bail_cents::int FROM charge JOIN lead ON lead.tenant_id = charge.tenant_id AND lead.id = charge.lead_id WHERE charge.tenant_id = $1 ORDER BY source_id",
  );
  expect(charges).toEqual([
    { bail_type: "personal", bail_cents: 0 },
    { bail_type: "blank", bail_cents: null },
    { bail_type: "denied", bail_cents: null },
    { bail_type: "not_set", bail_cents: null },
  ]);
});
