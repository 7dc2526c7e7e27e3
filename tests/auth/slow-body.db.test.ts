import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeEach, expect, it } from "vitest";
import { GET as accountRoute } from "@/app/api/account/route";
import { POST as stepUpRoute } from "@/app/api/account/step-up/route";
import { POST as keysRoute } from "@/app/api/keys/route";
import { POST as ingestRoute } from "@/app/api/leads/ingest/route";
import { PATCH as userRoute } from "@/app/api/users/[id]/route";
import { revokeApiKey } from "@/lib/domain/auth/revoke-api-key";
import { readBytes } from "@/lib/http/read-json";
import { closeDatabase } from "@/lib/platform/db";
import {
  addUserWithPassword,
  call,
  hostOf,
  makeFirmWithPassword,
  originOfFirm,
  type Route,
  signInTo,
} from "../http/call";
import { asOwner, type TestFirm } from "../setup/firms";

// What somebody can do who holds a request open: nothing that they may not do when it is complete, and nothing to anybody else.

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
});
afterAll(closeDatabase);

const countOf = async (table: string) =>
  (await asOwner(firm.id, (client) => client.query(`SELECT count(*)::int AS n FROM ${table}`))).rows[0].n;
const asPage = (cookie: string, of = firm) => ({
  host: hostOf(of),
  headers: { cookie, origin: originOfFirm(of), "content-type": "application/json" },
});

/** A body whose first byte is there, and whose rest comes when `meanwhile` is over and the server has waited for it. */
function dripping(value: unknown, meanwhile: () => Promise<unknown>): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  let isBegun = false;
  return new ReadableStream(
    {
      async pull(controller) {
        if (!isBegun) {
          isBegun = true;
          return controller.enqueue(bytes.slice(0, 1));
        }
        await Promise.all([meanwhile(), sleep(300)]);
        controller.enqueue(bytes.slice(1));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

// Seen red without: the second proof in the gate (201: an admin who was disabled meanwhile had made a key).
it("does nothing for an admin who was disabled or lost the role while the body was on its way", async () => {
  const asAdmin = await signInTo(firm);
  for (const change of [{ isDisabled: true }, { role: "viewer" }]) {
    const robin = await addUserWithPassword(firm, { role: "admin" });
    const asRobin = await signInTo(firm, robin);
    const before = await countOf("api_key");
    const body = dripping({ name: "Thief", scopes: ["leads:read"], expiresInDays: 30 }, async () => {
      const done = await call(userRoute as Route, "/api/users/x", {
        ...asPage(asAdmin),
        method: "PATCH",
        body: change,
        ids: { id: robin.id },
      });
      expect(done.status).toBe(200);
    });
    expect((await call(keysRoute as Route, "/api/keys", { ...asPage(asRobin), body })).status).toBe(401);
    expect(await countOf("api_key")).toBe(before);
  }
});

it("does nothing for a key that was revoked while the body was on its way", async () => {
  const leads = [{ sourceId: "1", name: { full: "FICTUS, ROWAN" }, county: "Travis", charges: [{ offense: "DWI" }] }];
  const headers = { "x-api-key": firm.key.text };
  const send = (meanwhile: () => Promise<unknown>) =>
    call(ingestRoute as Route, "/api/leads/ingest", { headers, body: dripping({ source: "api", leads }, meanwhile) });
  expect((await send(() => revokeApiKey(firm.asUser(), firm.key.id))).status).toBe(401);
  expect(await countOf("lead")).toBe(0);
});

// Seen red without: the race with the deadline (the test ran into its own).
it("waits for a body until its deadline and no longer", async () => {
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
  const request = new Request("http://localhost:3000/", { method: "POST", body, duplex: "half" } as RequestInit);
  await expect(readBytes(request, 100, 50)).rejects.toMatchObject({ code: "invalid_request" });
});

// Seen red without: a pool of its own for limits, together with isRepeatable on the route (503 after seconds, once the pool was held by who waited for it).
it("leaves the other firms their connections, however many step-ups come with an Idempotency-Key at once", async () => {
  const other = await makeFirmWithPassword();
  const [mine, theirs] = [await signInTo(firm), await signInTo(other)];
  const flood = Array.from({ length: 40 }, (_, i) => {
    const { host, headers } = asPage(mine);
    const body = { code: "000000" };
    return call(stepUpRoute, "/api/account/step-up", {
      host,
      headers: { ...headers, "idempotency-key": `k${i}` },
      body,
    });
  });
  await sleep(300);
  expect((await call(accountRoute as Route, "/api/account", asPage(theirs, other))).status).toBe(200);
  for (const { status } of await Promise.all(flood)) expect([422, 429]).toContain(status);
});
