import { rmSync } from "node:fs";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { listAuditAlarms } from "@/lib/domain/events/audit-alarms";
import { signHead } from "@/lib/domain/events/sign-head";
import { verifyFirm } from "@/lib/domain/events/verify-firm";
import { watchSeals } from "@/lib/domain/events/watch-seals";
import { HANDLERS, runForAllFirms } from "@/lib/jobs/handlers";
import { closeDatabase } from "@/lib/platform/db";
import { log } from "@/lib/platform/log";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { record, sealUntil, tamper } from "./chain";

const TOKEN = "an-operator-token-of-a-test-file";
process.env.OPERATOR_TOKEN = TOKEN;
const { GET: details } = await import("@/app/api/health/details/route");

/** The firm is made now, so the clock stands near it. */
const now = new Date();
const at = (seconds: number) => fixedClock(new Date(now.getTime() + seconds * 1000));
let firm: TestFirm;
const kinds = async (seconds: number) =>
  (await listAuditAlarms(at(seconds).now())).filter(({ slug }) => slug === firm.slug).map(({ kind }) => kind);
const watch = (seconds: number) => watchSeals(firm.asService(at(seconds)));

beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(async () => {
  await closeDatabase();
  rmSync(process.env.AUDIT_HEADS_DIR ?? "", { recursive: true, force: true });
});

describe("an alarm", () => {
  // Seen red without: UNSEALED_MS in alarmsOf
  it("is raised for an event that has waited more than a minute for its seal, and ends with the seal", async () => {
    await record(firm, 2, at(0));
    expect(await watch(60)).toBe(0);
    expect(await watch(61)).toBe(1);
    expect(await kinds(61)).toEqual(["unsealed"]);
    await sealUntil(firm, 2, at(62));
    expect(await watch(63)).toBe(0);
    expect(await kinds(63)).toEqual([]);
  });

  it("is raised when seals have waited more than a quarter of an hour for a signed head, and ends with it", async () => {
    await record(firm, 1, at(0));
    await sealUntil(firm, 1, at(2));
    await signHead(firm.asService(at(10)));
    await record(firm, 1, at(100));
    await sealUntil(firm, 2, at(100));
    await watch(1000);
    expect(await kinds(1000)).toEqual([]);
    await watch(1001);
    expect(await kinds(1001)).toEqual(["head_late"]);
    await signHead(firm.asService(at(1010)));
    expect(await kinds(1010)).toEqual([]);
  });

  it("is raised for a broken chain, with its first bad row, until the chain is whole", async () => {
    await record(firm, 3, at(0));
    const chain = await sealUntil(firm, 3, at(1));
    await tamper("UPDATE event SET type = 'lead.viewed' WHERE id = $1", [chain[1]?.event_id]);
    await verifyFirm(firm.asService(at(5)));
    await watch(6);
    const [alarm] = (await listAuditAlarms(at(6).now())).filter(({ slug }) => slug === firm.slug);
    expect(alarm).toEqual({
      tenantId: firm.id,
      slug: firm.slug,
      name: `Firm ${firm.slug}`,
      kind: "broken",
      since: at(5).now(),
      problem: "altered",
      sequence: 2,
      eventId: chain[1]?.event_id,
    });
    await tamper("UPDATE event SET type = 'lead.rescored' WHERE id = $1", [chain[1]?.event_id]);
    await verifyFirm(firm.asService(at(7)));
    expect(await kinds(7)).toEqual([]);
  });

  it("is raised when nobody verifies, and when nobody watches: a watcher that is down cannot say so", async () => {
    const day = 86_400;
    expect(await kinds(4 * 60)).toEqual([]);
    expect(await kinds(6 * 60)).toEqual(["unwatched"]);
    await watch(day);
    expect(await kinds(day)).toEqual([]);
    await watch(1.6 * day);
    expect(await kinds(1.6 * day)).toEqual(["unverified"]);
    await verifyFirm(firm.asService(at(1.6 * day)));
    expect(await kinds(1.6 * day)).toEqual([]);
  });

  it("is raised for a firm that is shut as for any other", async () => {
    await asOwner(firm.id, (client) => client.query("UPDATE tenant SET status = 'suspended' WHERE id = $1", [firm.id]));
    await record(firm, 1, at(-120));
    await runForAllFirms("watch-audit");
    expect(await kinds(0)).toEqual(["unsealed"]);
  });
});

describe("what operators get to know", () => {
  it("is one line of the log for each alarm, with a name to search for, the firm and for how long", async () => {
    const said = vi.spyOn(log, "error");
    await record(firm, 1, at(0));
    await watch(90);
    expect(said.mock.calls).toEqual([
      [
        "audit alarm: an event has waited more than a minute for its seal",
        { event: "audit_alarm", kind: "unsealed", tenantId: firm.id, durationMs: 90_000 },
      ],
    ]);
  });

  it("is a count in the details of health", async () => {
    const ask = async () => {
      const headers = { host: "localhost:3000", authorization: `Bearer ${TOKEN}` };
      const reply = await details(new Request("http://localhost:3000/api/health/details", { headers }));
      return ((await reply.json()) as { audit: Record<string, unknown> }).audit;
    };
    const before = await ask();
    await record(firm, 1, at(-300));
    await watch(0);
    const after = await ask();
    expect(after.unsealed).toBe(Number(before.unsealed) + 1);
    expect(after.alarms).toBe(Number(before.alarms) + 1);
    expect(after.since).toEqual(expect.any(String));
  });
});

describe("the night's verification", () => {
  it("is a job for each firm, which does it", async () => {
    await record(firm, 2);
    await sealUntil(firm, 2);
    await runForAllFirms("verify-audit");
    const jobs = await asOwner(firm.id, async (client) => {
      const { rows } = await client.query(
        "SELECT data FROM pgboss.job WHERE name = 'audit.verify' AND data->>'tenantId' = $1",
        [firm.id],
      );
      return rows;
    });
    expect(jobs).toEqual([{ data: { tenantId: firm.id } }]);
    await HANDLERS["audit.verify"]([{ tenantId: firm.id }]);
    const { rows } = await asOwner(firm.id, (client) => client.query("SELECT verified_sequence FROM audit_watch"));
    expect(rows).toEqual([{ verified_sequence: "2" }]);
  });
});
