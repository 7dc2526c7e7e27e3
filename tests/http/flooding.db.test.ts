// A firm that asks too much is turned away before it costs the others anything.
import { afterAll, expect, it } from "vitest";
import { POST } from "@/app/api/leads/ingest/route";
import { GET } from "@/app/api/leads/route";
import { inTurn } from "@/lib/http/in-turn";
import { closeDatabase } from "@/lib/platform/db";
import { dropLeases } from "@/lib/platform/rate-lease";
import { asTableOwner } from "../platform/store";

import { asOwner, heldByOwner, makeFirm } from "../setup/firms";
import { until } from "../setup/http";
import { call } from "./call";

afterAll(closeDatabase);

/** What 6,000 requests of every key would leave behind. */
async function useUp(): Promise<void> {
  await asTableOwner("UPDATE rate_limit SET points = 100000 WHERE key LIKE 'api.key:%'");
  dropLeases();
}

// Seen red without: refuseAgain in lib/http/prove-key.ts.
it("asks the database nothing about a key that was right a moment ago and has used up its limit, and again after a second", async () => {
  const firm = await makeFirm();
  const ask = () => call(GET, "/api/leads?limit=1", { headers: { "x-api-key": firm.key.text } });
  expect((await ask()).status).toBe(200);
  await useUp();
  expect((await ask()).status).toBe(429);
  await asOwner(firm.id, (client) => client.query("UPDATE api_key SET revoked_at = now()"));
  const again = await ask();
  expect(again.status).toBe(429);
  expect(Number(again.headers.get("retry-after"))).toBeGreaterThan(0);
  await until("its end is seen", async () => (await ask()).status === 401);
});

it("refuses another secret of that key as any wrong key, however much the right one has used up", async () => {
  const firm = await makeFirm();
  const ask = (text: string) => call(GET, "/api/leads?limit=1", { headers: { "x-api-key": text } });
  expect((await ask(firm.key.text)).status).toBe(200);
  await useUp();
  expect((await ask(firm.key.text)).status).toBe(429);
  const wrong = firm.key.text.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
  expect((await ask(wrong)).status).toBe(401);
});

// Seen red without: atOnce in app/api/leads/ingest/route.ts.
it("lets batches of a firm wait their turn without a connection, and takes all of them", async () => {
  const firm = await makeFirm();
  const release = await heldByOwner(firm.id, "LOCK TABLE ingest_batch IN ACCESS EXCLUSIVE MODE");
  const post = (name: string) =>
    call(POST, "/api/leads/ingest", {
      headers: { "x-api-key": firm.key.text },
      body: {
        source: "api",
        leads: [{ sourceId: name, name: { full: "FICTUS, ROWAN" }, county: "Travis", charges: [] }],
      },
    });
  const posts = ["a", "b", "c", "d", "e"].map(post);
  await until("two wait for the table", async () => (await waiting()) === 2);
  await release();
  expect((await Promise.all(posts)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);

  function waiting(): Promise<number> {
    return asTableOwner<{ count: number }>(
      "SELECT count(*)::int AS count FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    ).then(([row]) => row?.count ?? 0);
  }
});

it("gives a turn back when its work fails, and refuses who waited too long", async () => {
  const ctx = (await makeFirm()).asService();
  const how = { route: "POST /somewhere", atOnce: 1 };
  await expect(inTurn(ctx, how, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  const over = Promise.withResolvers<string>();
  const first = inTurn(ctx, how, () => over.promise);
  await expect(inTurn(ctx, how, async () => "second")).rejects.toMatchObject({
    code: "unavailable",
    retryAfterSeconds: 2,
  });
  over.resolve("first");
  expect(await first).toBe("first");
  expect(await inTurn(ctx, how, async () => "third")).toBe("third");
});
