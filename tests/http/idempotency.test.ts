import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { POST as contactsRoute } from "@/app/api/leads/[id]/contacts/route";
import { POST as ingestRoute } from "@/app/api/leads/ingest/route";
import { POST as statusRoute } from "@/app/api/leads/status/route";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { startIngestRun } from "@/lib/domain/leads/ingest-runs";
import { respond } from "@/lib/http/respond";
import { withApiKey } from "@/lib/http/with-api-key";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { call, type Route } from "./call";

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

const envelope = (sourceId: string) => ({
  source: "api",
  leads: [{ sourceId, name: { full: "FICTUS, ROWAN" }, county: "Travis", charges: [{ offense: "DWI" }] }],
});
const post = (key: string, body: unknown, by = firm, route: Route = ingestRoute) =>
  call(route, "/api/leads/ingest", {
    headers: { authorization: `Bearer ${by.key.text}`, "idempotency-key": key },
    body,
  });
const countOf = async (table: string, of = firm) =>
  (await asOwner(of.id, (client) => client.query(`SELECT count(*)::int AS n FROM ${table}`))).rows[0].n;

// A route of its own that does real work and then does what a test tells it, inside the gate of the house.
let afterWork: () => Promise<void> = async () => {};
const probe = withApiKey({ scope: "leads:ingest", body: z.strictObject({ n: z.int() }) }, async (ctx, { body }) => {
  const run = await startIngestRun(ctx, { source: "api" });
  await afterWork();
  return respond(body.n, z.strictObject({ id: z.string() }), { id: run.id });
});

it("does the work once and replays the reply byte for byte", async () => {
  const first = await post("key-1", envelope("1"));
  const second = await post("key-1", envelope("1"));
  expect(first.status).toBe(200);
  expect(second.status).toBe(200);
  expect(second.text).toBe(first.text);
  expect(second.headers.get("content-type")).toBe(first.headers.get("content-type"));
  expect(second.headers.get("idempotency-replayed")).toBe("true");
  expect(await countOf("ingest_batch")).toBe(1);
});

it("works again without a key, and with another one", async () => {
  const replies = [await post("a", envelope("1")), await post("b", envelope("1"))];
  expect(new Set(replies.map((reply) => reply.text)).size).toBe(2);
  expect(await countOf("ingest_batch")).toBe(2);
});

it("refuses another payload under the same key", async () => {
  await post("key-1", envelope("1"));
  const reply = await post("key-1", envelope("2"));
  expect(reply.status).toBe(422);
  expect(reply.json()).toMatchObject({ code: "unprocessable", invalidParams: [{ name: "Idempotency-Key" }] });
  expect(await countOf("ingest_batch")).toBe(1);
});

it("answers 409 with Retry-After: 1 to a second request while the first still works, and does the work once", async () => {
  let hasStarted = () => {};
  const started = new Promise<void>((resolve) => {
    hasStarted = resolve;
  });
  let goOn = () => {};
  const paused = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  afterWork = () => {
    hasStarted();
    return paused;
  };
  const first = post("key-1", { n: 201 }, firm, probe);
  await started;
  afterWork = async () => {};
  const second = await post("key-1", { n: 201 }, firm, probe);
  expect(second.status).toBe(409);
  expect(second.headers.get("retry-after")).toBe("1");
  goOn();
  const done = await first;
  expect(done.status).toBe(201);
  expect((await post("key-1", { n: 201 }, firm, probe)).text).toBe(done.text);
  expect(await countOf("ingest_run")).toBe(1);
});

it("has one effect however many come at once", async () => {
  const replies = await Promise.all(Array.from({ length: 8 }, () => post("key-1", envelope("1"))));
  for (const reply of replies) expect([200, 409]).toContain(reply.status);
  expect(await countOf("ingest_batch")).toBe(1);
});

it("leaves nothing behind when the work fails, and works when it is tried again", async () => {
  afterWork = async () => {
    throw new AppError("unavailable", "not now");
  };
  expect((await post("key-1", { n: 201 }, firm, probe)).status).toBe(503);
  expect(await countOf("ingest_run")).toBe(0);
  expect(await countOf("idempotency_key")).toBe(0);
  afterWork = async () => {};
  expect((await post("key-1", { n: 201 }, firm, probe)).status).toBe(201);
});

it("leaves nothing behind when the connection dies in the middle of the work", async () => {
  afterWork = () =>
    asOwner(firm.id, async (client) => {
      await client.query("COMMIT");
      await client
        .query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'arrestra_app' AND state = 'idle in transaction' AND datname = current_database()",
        )
        .catch(() => {});
      await sleep(50);
    });
  const superuser = await call(probe, "/api/leads/ingest", {
    headers: { authorization: `Bearer ${firm.key.text}`, "idempotency-key": "key-1" },
    body: { n: 201 },
  });
  afterWork = async () => {};
  expect([201, 503]).toContain(superuser.status);
  expect(await countOf("ingest_run")).toBe(superuser.status === 201 ? 1 : 0);
});

it("keeps no reply that is not a success", async () => {
  expect((await post("key-1", { n: 422 }, firm, probe)).status).toBe(422);
  expect(await countOf("idempotency_key")).toBe(0);
});

it("keeps firms, callers and routes apart under the same key", async () => {
  const other = await makeFirm();
  const first = await post("key-1", envelope("1"));
  const second = await post("key-1", envelope("1"), other);
  expect(second.headers.get("idempotency-replayed")).toBeNull();
  expect(second.text).not.toBe(first.text);
  const headers = { authorization: `Bearer ${firm.key.text}`, "idempotency-key": "key-1" };
  const third = await call(statusRoute, "/api/leads/status", { headers, body: { leadId: newId(), to: "reviewed" } });
  expect(third.status).toBe(404);
});

it("forgets a reply after 24 hours", async () => {
  const first = await post("key-1", envelope("1"));
  await asOwner(firm.id, (client) => client.query("UPDATE idempotency_key SET expires_at = now()"));
  const second = await post("key-1", envelope("1"));
  expect(second.text).not.toBe(first.text);
  expect(await countOf("idempotency_key")).toBe(1);
  const { rows } = await asOwner(firm.id, (client) =>
    client.query("SELECT expires_at - created_at = interval '24 hours' AS day FROM idempotency_key"),
  );
  expect(rows[0].day).toBe(true);
});

it.each(["", "a b", "é", "x".repeat(256)])("refuses the key %j", async (key) => {
  if (key === "é") return expect(() => new Headers({ "idempotency-key": "\u4e2d" })).toThrow();
  expect((await post(key, envelope("1"))).status).toBe(400);
});

it("keeps a reply sealed: what it says of a person rests nowhere in the clear", async () => {
  const report = await post("seal-1", envelope("SOURCECANARY"));
  const leadId = report.json<{ results: { leadId: string }[] }>().results[0]?.leadId as string;
  const contact = { kind: "email", value: "canary@person.example", givenBy: "CANARY", basis: "referral", check: false };
  const add = () =>
    call(contactsRoute as Route, `/api/leads/${leadId}/contacts`, {
      headers: { "x-api-key": firm.key.text, "idempotency-key": "seal-2" },
      body: contact,
      ids: { id: leadId },
    });
  const [first, second] = [await add(), await add()];
  expect([first.status, second.text]).toEqual([201, first.text]);
  expect(second.headers.get("idempotency-replayed")).toBe("true");
  const kept = await asOwner(firm.id, (client) => client.query("SELECT * FROM idempotency_key"));
  expect(kept.rows).toHaveLength(2);
  expect(JSON.stringify(kept.rows)).not.toMatch(/canary/i);
});
