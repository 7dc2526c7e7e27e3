import { beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { enrichLeads } from "@/lib/domain/enrichment/enrich-leads";
import { recheckContacts } from "@/lib/domain/enrichment/recheck-contacts";
import { LOST_AFTER_MS, sweepLookups } from "@/lib/domain/enrichment/sweep-lookups";
import { requestLookups } from "@/lib/domain/leads/request-lookups";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { callsTo, contactState, email, enrichmentsOf, jobsOf, leadsWith, lookUpAll, phone, sandbox } from "./vendors";

const clock = fixedClock("2026-11-20T12:00:00Z");
const GOOD = "+15125550100";
const DAY = 86_400_000;
let firm: TestFirm;
const key = () => firm.asKey(undefined, clock);
const job = () => firm.asService(clock);
const leads = (...contacts: Parameters<typeof leadsWith>[1]) => leadsWith(firm, contacts, key());

beforeEach(async () => {
  clock.set("2026-11-20T12:00:00Z");
  firm = await makeFirm();
});

describe("enrichLeads", () => {
  it("says of each lead what was done, and does not know other firms' leads", async () => {
    const [one = "", two = ""] = await leads([phone(GOOD), email("a@example.com")], []);
    await lookUpAll(firm, job());
    const other = await makeFirm();
    const [foreign = ""] = await leadsWith(other, [[phone(GOOD)]], other.asKey(undefined, clock));
    const nowhere = newId();
    const report = await enrichLeads(key(), { leadIds: [one, two, foreign, nowhere] });
    expect(report).toEqual({
      queued: 0,
      leads: [
        { leadId: one, queued: 0, reused: 2, outcome: "fresh" },
        { leadId: two, queued: 0, reused: 0, outcome: "no_contact" },
        { leadId: foreign, queued: 0, reused: 0, outcome: "not_found" },
        { leadId: nowhere, queued: 0, reused: 0, outcome: "not_found" },
      ],
    });
    expect(callsTo("twilio")).toBe(1);
  });

  it("refuses a key without the scope and a viewer", async () => {
    const [leadId = ""] = await leads([phone(GOOD)]);
    await expect(enrichLeads(firm.asKey(["leads:read"]), { leadIds: [leadId] })).rejects.toMatchObject({
      code: "forbidden",
    });
    const viewers = await makeFirm({ role: "viewer" });
    await expect(enrichLeads(viewers.asUser(), { leadIds: [leadId] })).rejects.toMatchObject({ code: "forbidden" });
  });

  it("queues nothing twice when it is asked twice", async () => {
    const [leadId = ""] = await leads([phone(GOOD)]);
    const jobs = await jobsOf(firm);
    const events = await eventsOf(firm);
    const report = await enrichLeads(key(), { leadIds: [leadId] });
    expect(report.leads).toEqual([{ leadId, queued: 0, reused: 0, outcome: "queued" }]);
    expect(await jobsOf(firm)).toEqual(jobs);
    expect(await eventsOf(firm)).toEqual(events);
  });

  it("pays again once the answer has grown stale", async () => {
    const [leadId = ""] = await leads([phone(GOOD)]);
    await lookUpAll(firm, job());
    clock.advance(61 * DAY);
    expect(await enrichLeads(key(), { leadIds: [leadId] })).toMatchObject({ queued: 1 });
    await lookUpAll(firm, job());
    expect(callsTo("twilio")).toBe(2);
    expect(await enrichmentsOf(firm)).toHaveLength(2);
  });

  it("tries at once what waits for its next try", async () => {
    const [leadId = ""] = await leads([phone(GOOD)]);
    sandbox.twilio.faults.add({ kind: "garbage", count: 1 });
    await lookUpAll(firm, job());
    clock.advance(1);
    expect(await enrichLeads(key(), { leadIds: [leadId] })).toMatchObject({ queued: 1 });
    expect((await lookUpAll(firm, job()))[0]).toMatchObject({ state: "found", attempts: 2 });
  });
});

describe("requestLookups", () => {
  it("copies a fresh answer of the same number on another lead instead of paying again", async () => {
    await leads([phone(GOOD)]);
    await lookUpAll(firm, job());
    clock.advance(DAY);
    const [, second = ""] = await leads([phone(GOOD)], [phone(GOOD)]);
    const rows = await enrichmentsOf(firm);
    expect(rows.map((row) => row.state)).toEqual(["found", "found"]);
    expect(rows[1]).toMatchObject({
      lead_id: second,
      checked_at: rows[0]?.checked_at,
      expires_at: rows[0]?.expires_at,
    });
    expect(await contactState(firm, second)).toBe("mobile_valid");
    expect((await eventsOf(firm, second)).map((event) => event.type)).toContain("lead.enriched");
    expect(callsTo("twilio")).toBe(1);
  });

  it("is undone with the caller's transaction: no row, no event, no job", async () => {
    const [leadId = ""] = await leads([]);
    const { addContact } = await import("@/lib/domain/enrichment/contacts");
    await addContact(firm.asUser(clock), leadId, {
      kind: "phone",
      value: GOOD,
      givenBy: "x",
      basis: "referral",
      check: false,
    });
    const events = await eventsOf(firm);
    const broken = inTenant(key(), async (tx) => {
      const tally = await requestLookups(tx, key(), [leadId]);
      expect(tally.get(leadId)).toMatchObject({ queued: 1, contacts: 1 });
      throw new Error("the caller changes its mind");
    });
    await expect(broken).rejects.toThrow("changes its mind");
    expect(await enrichmentsOf(firm)).toEqual([]);
    expect(await jobsOf(firm)).toEqual([]);
    expect(await eventsOf(firm)).toEqual(events);
    expect(await contactState(firm, leadId)).toBe("unchecked");
  });

  it("asks again for a fresh answer only when forced", async () => {
    const [leadId = ""] = await leads([phone(GOOD)]);
    await lookUpAll(firm, job());
    clock.advance(1000);
    await inTenant(key(), (tx) => requestLookups(tx, key(), [leadId], { force: true }));
    expect(await contactState(firm, leadId)).toBe("mobile_valid");
    await lookUpAll(firm, job());
    expect(callsTo("twilio")).toBe(2);
  });

  it("takes as many statements for 1,000 leads as for one", async () => {
    const many = Array.from({ length: 1000 }, (_, index) => [phone(`+1512${String(4_440_000 + index)}`)]);
    const ids = await leads(...many);
    await asOwner(firm.id, (client) => client.query("DELETE FROM enrichment"));
    const statements = await countStatements(ids);
    expect(statements.many).toBe(statements.one);
    expect(statements.many).toBeLessThanOrEqual(10);
  });
});

/** Counts what is sent to the database, by standing between the verb and its transaction. */
async function countStatements(ids: readonly string[]): Promise<{ one: number; many: number }> {
  const count = (leadIds: readonly string[]) =>
    inTenant(key(), async (tx) => {
      let statements = 0;
      const counting = new Proxy(tx, {
        get: (target, name, receiver) => {
          if (typeof name === "string" && /^\$(query|execute)Raw(Unsafe)?$/.test(name)) statements += 1;
          return Reflect.get(target, name, receiver);
        },
      });
      await requestLookups(counting, key(), leadIds);
      return statements;
    });
  return { many: await count(ids.slice(1)), one: await count(ids.slice(0, 1)) };
}

describe("sweepLookups", () => {
  it("gives a check whose job was lost another one, and no more while that one waits", async () => {
    await leads([phone(GOOD)]);
    await asOwner(firm.id, (client) => client.query("DELETE FROM pgboss.job WHERE data->>'tenantId' = $1", [firm.id]));
    expect(await sweepLookups(job())).toBe(0);
    clock.advance(LOST_AFTER_MS + 1);
    expect(await sweepLookups(job())).toBe(1);
    expect(await jobsOf(firm)).toHaveLength(1);
    clock.advance(60_000);
    expect(await sweepLookups(job())).toBe(0);
    expect((await lookUpAll(firm, job()))[0]).toMatchObject({ state: "found" });
  });
});

describe("recheckContacts", () => {
  it("asks again for stale answers of open leads, not for closed ones, and once", async () => {
    const [open = "", closed = ""] = await leads([phone(GOOD)], [phone("+15125550113")]);
    await lookUpAll(firm, job());
    await asOwner(firm.id, (client) => client.query("UPDATE lead SET status = 'dismissed' WHERE id = $1", [closed]));
    expect(await recheckContacts(job())).toBe(0);
    clock.advance(61 * DAY);
    expect(await recheckContacts(job())).toBe(1);
    expect(await recheckContacts(job())).toBe(0);
    const pending = (await enrichmentsOf(firm)).filter((row) => row.state === "pending");
    expect(pending.map((row) => row.lead_id)).toEqual([open]);
  });

  it("asks again for what failed in an outage, each time later", async () => {
    await leads([phone("+15125550142")]);
    const waits: number[] = [];
    for (let round = 0; round < 3; round++) {
      for (let turn = 0; turn < 5; turn++) {
        await lookUpAll(firm, job());
        clock.advance(660_000);
      }
      const last = (await enrichmentsOf(firm)).at(-1);
      expect(last).toMatchObject({ state: "failed" });
      waits.push((last?.next_attempt_at?.getTime() ?? 0) - clock.now().getTime() + 660_000);
      clock.set(new Date((last?.next_attempt_at?.getTime() ?? 0) + 1));
      expect(await recheckContacts(job())).toBe(1);
    }
    expect(waits[1]).toBeGreaterThan((waits[0] ?? 0) * 3);
    expect(waits[2]).toBeGreaterThan((waits[1] ?? 0) * 3);
  });
});
