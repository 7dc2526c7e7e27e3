import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { runForAllFirms } from "@/lib/jobs/handlers";
import { purgeExpired } from "@/lib/jobs/purge-expired";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { fillWithLeads } from "../setup/many-leads";
import { ownDatabase } from "../setup/own-database";

const clock = fixedClock("2026-11-20T12:00:00Z");
let firm: TestFirm;
const hours = (count: number) => new Date(clock.now().getTime() + count * 3_600_000);
const query = <T>(sql: string, values: unknown[] = []) =>
  asOwner(firm.id, async (client) => (await client.query(sql, values)).rows as T[]);

beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

async function keepReply(key: string, expiresAt: Date): Promise<void> {
  await query(
    `INSERT INTO idempotency_key (tenant_id, caller, route, key, request_hash, status, body_cipher, created_at, expires_at)
     VALUES ($1, 'c', 'r', $2, 'h', 200, '{}', $3, $3)`,
    [firm.id, key, expiresAt],
  );
}

describe("purge-expired", () => {
  it("deletes stored replies past their day, sessions long over and sign-ins never finished, and nothing else, of this firm alone", async () => {
    await keepReply("old", hours(-1));
    await keepReply("young", hours(1));
    for (const expiresAt of [hours(-24 * 8), hours(-1)]) {
      await query(
        "INSERT INTO session (tenant_id, id, user_id, token_hash, expires_at, factor, factor_at) VALUES ($1, $2, $3, $4, $5, 'totp', now())",
        [firm.id, newId(), firm.user.id, newId(), expiresAt],
      );
    }
    for (const expiresAt of [hours(-1), hours(1)]) {
      await query(
        "INSERT INTO sign_in_attempt (tenant_id, id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $4)",
        [firm.id, newId(), newId(), expiresAt],
      );
    }
    const other = await makeFirm();
    expect(await purgeExpired(other.asService(clock))).toBe(0);
    expect(await purgeExpired(firm.asService(clock))).toBe(3);
    expect(await purgeExpired(firm.asService(clock))).toBe(0);
    expect(await query("SELECT key FROM idempotency_key")).toEqual([{ key: "young" }]);
    expect(await query("SELECT 1 FROM session")).toHaveLength(1);
    expect(await query("SELECT expires_at FROM sign_in_attempt")).toEqual([{ expires_at: hours(1) }]);
  });
});

describe("a schedule", () => {
  // Seen red with: forShutFirms of rescore-due-leads.
  it("goes through every active firm, and leaves suspended ones alone", async () => {
    const scoreOf = async ({ id }: TestFirm) =>
      asOwner(id, async (client) => (await client.query("SELECT score FROM lead")).rows.map(({ score }) => score));
    const shut = await makeFirm();
    for (const { id } of [firm, shut]) {
      await fillWithLeads(ownDatabase.adminUrl, id, 1);
      await asOwner(id, (client) =>
        client.query("UPDATE lead SET score = 99, score_changes_at = now() - interval '1 hour'"),
      );
    }
    await asOwner(shut.id, (client) => client.query("UPDATE tenant SET status = 'suspended' WHERE id = $1", [shut.id]));
    await runForAllFirms("rescore-due-leads");
    expect(await scoreOf(firm)).not.toEqual([99]);
    expect(await scoreOf(shut)).toEqual([99]);
  });

  // Seen red without: forShutFirms of purge-expired.
  it("that deletes what has served goes through suspended firms too", async () => {
    await keepReply("old", hours(-1));
    await query("UPDATE tenant SET status = 'suspended' WHERE id = $1", [firm.id]);
    await runForAllFirms("purge-expired");
    expect(await query("SELECT key FROM idempotency_key")).toEqual([]);
  });
});
