import { beforeEach, describe, expect, it } from "vitest";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { sweepAlerts } from "@/lib/domain/outreach/alerts/sweep-alerts";
import { HANDLERS } from "@/lib/jobs/handlers";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { alertsOf, clock, cool, hot, ingest, jobsOf, mails, PHONE, sandbox, send, texts, wish } from "./alert-world";

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirm();
});

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const sweep = () => sweepAlerts(jobCtx(firm.id, "sweep-alerts", clock));
const alertEvents = async () =>
  (await eventsOf(firm))
    .filter(({ type }) => type.startsWith("user.alert"))
    .map(({ type, data }) => ({ type, ...data }));

describe("a new HOT lead", () => {
  it("is told to who asked, by mail and by text, once, with a link to it on the firm's own host, and named nowhere", async () => {
    await wish(firm, firm.user.id, { byText: true });
    const { results } = await ingest(firm, [hot("1"), cool("2")]);
    const leadId = results[0]?.leadId;
    // The next half-minute: what else comes until then goes along.
    expect(await jobsOf(firm)).toEqual([{ start_after: new Date("2026-11-20T12:00:30Z") }]);
    clock.advance(5 * SECOND);
    await send(firm);
    const link = `http://${firm.slug}.localhost:3000/leads/${leadId}`;
    expect(mails()).toMatchObject([
      {
        to: firm.user.email,
        subject: "New HOT lead: Travis County, third-degree felony, bail $52,000",
        text: expect.stringContaining(link),
        html: expect.stringContaining(`<a href="${link}">`),
      },
    ]);
    expect(texts()).toMatchObject([{ to: PHONE, text: expect.stringContaining(link) }]);
    expect(texts()[0]?.text.length).toBeLessThanOrEqual(160);
    expect(JSON.stringify([mails(), texts()])).not.toMatch(/zzyzx|quillon|0199/i);
    expect((await alertsOf(firm)).map(({ state }) => state)).toEqual(["sent", "sent"]);
    expect(await alertEvents()).toEqual(
      expect.arrayContaining([
        { type: "user.alerted", userId: firm.user.id, by: "mail", leads: 1, messageId: mails()[0]?.messageId },
        { type: "user.alerted", userId: firm.user.id, by: "text", leads: 1, messageId: texts()[0]?.messageId },
      ]),
    );
    expect(JSON.stringify(await eventsOf(firm))).not.toContain(PHONE);
  });

  // Seen red without: the comparison with the band before (told of when the user asks later), ON CONFLICT DO NOTHING (the batch fails).
  it("is told once, however often its form is posted, amended, dismissed or shown again", async () => {
    await wish(firm, firm.user.id);
    await ingest(firm, [hot("1")]);
    for (let n = 0; n < 4; n += 1) await ingest(firm, [hot("1")]);
    await send(firm);
    for (const magistrate of ["Judge One", "Judge Two"]) {
      clock.advance(MINUTE);
      await ingest(firm, [hot("1", { magistrate })]);
    }
    clock.advance(MINUTE);
    await ingest(firm, [{ sourceId: "1", withdrawnAt: clock.now().toISOString() }]);
    clock.advance(MINUTE);
    await ingest(firm, [cool("1")]);
    clock.advance(MINUTE);
    await ingest(firm, [hot("1")]);
    await send(firm);
    expect(mails()).toHaveLength(1);
    expect(await alertsOf(firm)).toHaveLength(1);
    const late = await addUser(firm);
    await wish(firm, late.id);
    clock.advance(MINUTE);
    await ingest(firm, [hot("1", { magistrate: "Judge Three" })]);
    expect((await alertsOf(firm)).map(({ user_id }) => user_id)).toEqual([firm.user.id]);
  });

  it("may become HOT by what its form says later, while nobody has worked on it", async () => {
    await wish(firm, firm.user.id);
    await ingest(firm, [cool("1"), cool("2")]);
    await asOwner(firm.id, (c) => c.query("UPDATE lead SET status = 'reviewed' WHERE source_id = '2'"));
    expect(await alertsOf(firm)).toEqual([]);
    clock.advance(MINUTE);
    const { results } = await ingest(firm, [hot("1"), hot("2")]);
    expect((await alertsOf(firm)).map(({ lead_id }) => lead_id)).toEqual([results[0]?.leadId]);
  });

  // Seen red without: the conditions on counties, classes, disabled_at and ways of the insert.
  it("is told to those who may see it, who are not disabled and who asked, of this firm alone", async () => {
    const travis = await addUser(firm, { scope: { counties: ["Travis"], classes: [] } });
    const hays = await addUser(firm, { scope: { counties: ["Hays"], classes: [] } });
    const minor = await addUser(firm, { scope: { counties: [], classes: ["MB"] } });
    const gone = await addUser(firm);
    const silent = await addUser(firm);
    for (const { id } of [travis, hays, minor, gone]) await wish(firm, id);
    await wish(firm, silent.id, { byMail: false });
    await asOwner(firm.id, (c) => c.query("UPDATE app_user SET disabled_at = now() WHERE id = $1", [gone.id]));
    const other = await makeFirm();
    await wish(other, other.user.id);
    await ingest(firm, [hot("1")]);
    await send(firm);
    await send(other);
    expect(mails().map(({ to }) => to)).toEqual([travis.email]);
    expect((await alertsOf(firm)).map(({ user_id }) => user_id)).toEqual([travis.id]);
  });

  // Seen red without: each of the first three questions of problemOf.
  it("is not told to who changed their mind, was limited or disabled, or once somebody works on it", async () => {
    const [quiet, limited, gone, busy] = [await addUser(firm), await addUser(firm), await addUser(firm), firm.user];
    for (const { id } of [quiet, limited, gone, busy]) await wish(firm, id);
    await ingest(firm, [hot("1")]);
    await wish(firm, quiet.id, { byMail: false });
    await asOwner(firm.id, async (c) => {
      await c.query("UPDATE app_user SET scope_counties = '{Hays}' WHERE id = $1", [limited.id]);
      await c.query("UPDATE app_user SET disabled_at = now() WHERE id = $1", [gone.id]);
    });
    await asOwner(firm.id, (c) => c.query("UPDATE lead SET status = 'reviewed'"));
    await send(firm);
    expect(mails()).toEqual([]);
    const problems = new Map((await alertsOf(firm)).map(({ user_id, problem }) => [user_id, problem]));
    expect(problems).toEqual(
      new Map([
        [quiet.id, "not_asked"],
        [limited.id, "not_theirs"],
        [gone.id, "not_theirs"],
        [busy.id, "not_new"],
      ]),
    );
    // What the firm decided is no failure.
    expect(await alertEvents()).toEqual([]);
  });

  // Seen red without: each of the two conditions at the top of alertHotLeads.
  it("from the firm's own list, or from a look of another day, is told to nobody", async () => {
    await wish(firm, firm.user.id);
    await ingest(firm, [hot("1")], "import.csv");
    const observedAt = "2026-11-19T12:00:00Z";
    await ingestLeads(firm.asKey(undefined, clock), { source: "api", observedAt, leads: [hot("2")] });
    expect(await alertsOf(firm)).toEqual([]);
    expect(await jobsOf(firm)).toEqual([]);
  });

  it("comes with many others as one message that tells of some and counts the rest", async () => {
    await wish(firm, firm.user.id, { byText: true });
    await ingest(
      firm,
      Array.from({ length: 25 }, (_, n) => hot(`t${n}`)),
    );
    await ingest(firm, [hot("h", { county: "Hays" })], "topics.hays");
    expect(await jobsOf(firm)).toHaveLength(1);
    await send(firm);
    expect(mails()).toHaveLength(1);
    expect(mails()[0]).toMatchObject({ subject: "26 new HOT leads: Travis 25, Hays 1" });
    expect(mails()[0]?.text.match(/\/leads\/[0-9a-f-]{36}/g)).toHaveLength(20);
    expect(mails()[0]?.text).toContain(`6 more: http://${firm.slug}.localhost:3000/leads?status=new&band=hot`);
    expect(texts().map(({ text }) => text)).toEqual([
      `Arrestra: 26 new HOT leads (Travis 25, Hays 1). http://${firm.slug}.localhost:3000/leads?status=new&band=hot`,
    ]);
  });
});

describe("when the service cannot be had", () => {
  // Seen red without: retryAfterMs in tryAgainAt (tried again within half a minute).
  it("the alert waits, with a job, for as long as the service asks, and is sent then", async () => {
    await wish(firm, firm.user.id);
    await ingest(firm, [hot("1")]);
    sandbox.mail.faults.add({ kind: "throttle", count: 1, retryAfterSeconds: 90 });
    await send(firm);
    const [alert] = await alertsOf(firm);
    expect(alert).toMatchObject({ state: "waiting", attempts: 1 });
    expect(alert?.due_at.getTime()).toBeGreaterThanOrEqual(clock.now().getTime() + 90 * SECOND);
    expect((await jobsOf(firm)).at(-1)).toEqual({ start_after: alert?.due_at });
    await send(firm);
    expect(mails()).toEqual([]);
    // Seen red without: CLOCKS_APART_MS in the claim, and what it adds to the wait (sent before the service allows).
    clock.set("2026-11-20T12:01:39.999Z");
    await send(firm);
    expect(mails()).toEqual([]);
    clock.set(new Date((alert?.due_at.getTime() ?? 0) - 4 * SECOND).toISOString());
    await send(firm);
    expect(mails()).toHaveLength(1);
  });

  // Seen red without: the limit of tries (a sixth request).
  it("is asked five times at most, ever more seldom; then the alert ends, and its failure is recorded", async () => {
    await wish(firm, firm.user.id);
    await ingest(firm, [hot("1")]);
    sandbox.mail.faults.add({ kind: "unavailable" });
    const waits: number[] = [];
    for (let n = 0; n < 7; n += 1) {
      const before = clock.now().getTime();
      await send(firm);
      const [alert] = await alertsOf(firm);
      if (alert?.state !== "waiting") break;
      waits.push(alert.due_at.getTime() - before);
      clock.set(alert.due_at.toISOString());
    }
    expect(sandbox.log.totals("mail").requests).toBe(5);
    expect(waits).toHaveLength(4);
    expect([...waits].sort((a, b) => a - b)).toEqual(waits);
    expect(await alertsOf(firm)).toMatchObject([{ state: "failed", problem: "unavailable", attempts: 5 }]);
    expect(await alertEvents()).toEqual([
      { type: "user.alert_failed", userId: firm.user.id, by: "mail", leads: 1, problem: "unavailable" },
    ]);
  });

  it("is not asked again after it refused, nor with news of more than two hours ago", async () => {
    await wish(firm, firm.user.id, { byText: true });
    await ingest(firm, [hot("1")]);
    sandbox.mail.faults.add({ kind: "forbidden" });
    sandbox.texts.faults.add({ kind: "throttle", retryAfterSeconds: 3 * 3600 });
    await send(firm);
    expect(await alertsOf(firm)).toMatchObject([{ problem: "rejected" }, { problem: "throttled" }]);
    await ingest(firm, [hot("2")]);
    clock.advance(121 * MINUTE);
    sandbox.mail.faults.clear();
    await send(firm);
    expect(mails()).toEqual([]);
    expect((await alertsOf(firm)).map(({ problem }) => problem).sort()).toEqual([
      "rejected",
      "throttled",
      "too_old",
      "too_old",
    ]);
  });
});

describe("the job", () => {
  it("run by two at once, and again, sends one message", async () => {
    await wish(firm, firm.user.id);
    await ingest(firm, [hot("1"), hot("2")]);
    sandbox.mail.faults.add({ kind: "slow", delayMs: 300, count: 1 });
    await Promise.all([send(firm), send(firm), send(firm)]);
    await send(firm);
    expect(mails()).toHaveLength(1);
  });

  // Seen red without: 'sending' among the states that are taken.
  it("that died between sending and noting leaves alerts that the sweep finds, and that are sent once more", async () => {
    await wish(firm, firm.user.id);
    await ingest(firm, [hot("1")]);
    await asOwner(firm.id, (c) =>
      c.query("UPDATE lead_alert SET state = 'sending', attempts = 1, due_at = $1", [
        new Date(clock.now().getTime() + MINUTE),
      ]),
    );
    await send(firm);
    expect(await sweep()).toBe(0);
    expect(mails()).toEqual([]);
    clock.advance(2 * MINUTE + SECOND);
    const before = (await jobsOf(firm)).length;
    expect(await sweep()).toBe(1);
    expect(await jobsOf(firm)).toHaveLength(before + 1);
    await send(firm);
    expect(mails()).toHaveLength(1);
    expect(await alertsOf(firm)).toMatchObject([{ state: "sent", attempts: 2 }]);
  });

  // Seen red without: listFirmIds in alertByFirm.
  it("of a firm that was suspended sends nothing", async () => {
    await wish(firm, firm.user.id);
    await ingest(firm, [hot("1")]);
    await asOwner(firm.id, (c) => c.query("UPDATE tenant SET status = 'suspended' WHERE id = $1", [firm.id]));
    await HANDLERS["alerts.send"]([{ tenantId: firm.id }]);
    expect(mails()).toEqual([]);
    expect(await alertsOf(firm)).toMatchObject([{ state: "waiting", attempts: 0 }]);
    await asOwner(firm.id, (c) => c.query("UPDATE tenant SET status = 'active' WHERE id = $1", [firm.id]));
    await HANDLERS["alerts.send"]([{ tenantId: firm.id }]);
    // By the machine's clock that is news of days ago.
    expect(await alertsOf(firm)).toMatchObject([{ state: "failed", problem: "too_old" }]);
  });
});
