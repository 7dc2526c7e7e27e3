import { afterAll, describe, expect, it } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import { postBatch, storedBatches } from "../../scripts/faults/web/batches";
import { startApp, type TestApp } from "../setup/app";
import { asOwner, makeFirm } from "../setup/firms";
import { ownDatabase } from "../setup/own-database";

/* Two hundred kills are played by `npm run faults`. */
const KILLS = 3;
const BATCH = 200;
const SENDERS = 2;

let app: TestApp | undefined;
afterAll(async () => {
  await app?.stop();
  await closeDatabase();
});

describe("a web process killed in the middle of a batch", () => {
  it(`keeps every acknowledged batch with its events and no part of any other, ${KILLS} kills in a row`, async () => {
    const firm = await makeFirm();
    const acknowledged = new Set<string>();
    const sent: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const running = await startApp({
        database: ownDatabase,
        ...(app ? { port: Number(new URL(app.baseUrl).port) } : {}),
      });
      app = running;
      let answered = 0;
      let isDead = false;
      const send = async (name: string) => {
        sent.push(name);
        const reply = await postBatch(running.baseUrl, firm.key.text, name, BATCH);
        if (reply.status === 200) acknowledged.add(name);
        answered += 1;
      };
      // Each sender posts until the process dies under it; the process is killed while both are in the middle of a batch.
      const senders = Array.from({ length: SENDERS }, async (_, sender) => {
        for (let i = 0; !isDead; i += 1) await send(`k${kill}-s${sender}-${i}`).catch(() => undefined);
      });
      while (answered < 2) await new Promise((resolve) => setImmediate(resolve));
      isDead = true;
      await running.kill9();
      await Promise.all(senders);
    }

    const rows = await storedBatches(firm.id);
    for (const row of rows) {
      expect(row).toEqual({ name: row.name, leads: BATCH, charges: BATCH, events: BATCH, observations: BATCH });
    }
    const stored = new Set(rows.map((row) => row.name));
    expect([...acknowledged].filter((name) => !stored.has(name))).toEqual([]);
    expect(acknowledged.size).toBeGreaterThanOrEqual(KILLS);
    expect(sent.length).toBeGreaterThan(acknowledged.size);

    // What was not acknowledged is posted again under its key: everything is there once.
    app = await startApp({ database: ownDatabase });
    for (const name of sent) {
      const reply = await postBatch(app.baseUrl, firm.key.text, name, BATCH);
      expect(reply.status).toBe(200);
    }
    const total = await asOwner(firm.id, (client) => client.query("SELECT count(*)::int AS n FROM lead"));
    expect(total.rows[0].n).toBe(sent.length * BATCH);
  }, 120_000);
});
