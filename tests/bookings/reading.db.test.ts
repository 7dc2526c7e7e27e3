import ICAL from "ical.js";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BookConsultation, type ConsultationDto, ConsultationQuery } from "@/lib/contracts/consultations";
import { fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { bookConsultation } from "@/lib/domain/bookings/book-consultation";
import { endCalendarFeed, makeCalendarFeed } from "@/lib/domain/bookings/calendar-feed";
import { cancelOwnConsultation } from "@/lib/domain/bookings/cancel-own-consultation";
import { changeReminders } from "@/lib/domain/bookings/change-reminders";
import { getConsultation } from "@/lib/domain/bookings/get-consultation";
import { listBusyTimes } from "@/lib/domain/bookings/list-busy-times";
import { hasConsultations, listConsultations, pageSql } from "@/lib/domain/bookings/list-consultations";
import { listReminders } from "@/lib/domain/bookings/list-reminders";
import { moveOwnConsultation } from "@/lib/domain/bookings/move-own-consultation";
import { readCalendarFeed } from "@/lib/domain/bookings/read-calendar-feed";
import { conflictsSql } from "@/lib/domain/bookings/read-consultations";
import { relinkConsultation } from "@/lib/domain/bookings/relink-consultation";
import { remindDue } from "@/lib/domain/bookings/remind-due";
import { seeReminder } from "@/lib/domain/bookings/see-reminder";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { closeDatabase, Prisma } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm, type TestMember } from "../setup/firms";
import { fillWithLeads } from "../setup/many-leads";
import { ownDatabase } from "../setup/own-database";
import { NOW, postLead } from "./bookings-world";

const clock = fixedClock(NOW);
const HAYS = { counties: ["Hays"], classes: [] } as const;
let firm: TestFirm;
let user: Ctx;
let travis: string;
let hays: string;
/** Sees Hays alone. */
let limited: TestMember;
beforeEach(async () => {
  clock.set(NOW);
  firm = await makeFirm();
  user = firm.asUser(clock);
  travis = await postLead(firm, { county: "Travis", last: "Kingbird" });
  hays = await postLead(firm, { county: "Hays", last: "Oriole" });
  limited = await addUser(firm, { role: "staff", scope: HAYS });
});
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

const book = (leadId: string, startsAt: string, minutes = 30, ctx = user): Promise<ConsultationDto> =>
  bookConsultation(ctx, BookConsultation.parse({ leadId, startsAt, minutes }));
const WEEK = { from: "2026-11-20T00:00:00Z", to: "2026-11-27T00:00:00Z" };
const list = (over: object = {}, ctx = user) => listConsultations(ctx, ConsultationQuery.parse({ ...WEEK, ...over }));
const idsIn = async (over: object = {}, ctx = user) => (await list(over, ctx)).consultations.map(({ id }) => id);

async function connect(): Promise<string> {
  const id = newId();
  await asOwner(firm.id, (client) =>
    client.query(
      `INSERT INTO connection (tenant_id, id, provider, mode, state, account_id, account_label, connected_by, connected_at)
       VALUES ($1, $2, 'google', 'oauth', 'connected', 'a', 'a', $2, now())`,
      [firm.id, id],
    ),
  );
  return id;
}
async function beBusy(startsAt: string, endsAt: string): Promise<void> {
  const connectionId = await connect();
  await asOwner(firm.id, (client) =>
    client.query(
      `INSERT INTO busy_time (tenant_id, id, connection_id, external_id, starts_at, ends_at, is_all_day) VALUES ($1, $2, $3, 'x', $4, $5, false)`,
      [firm.id, newId(), connectionId, startsAt, endsAt],
    ),
  );
}

describe("a list of consultations", () => {
  it("has those that overlap the span, the earliest first, page by page, with the names of their leads", async () => {
    const before = await book(travis, "2026-11-19T23:45:00Z");
    const second = await book(hays, "2026-11-21T16:00:00Z");
    const twin = await book(travis, "2026-11-21T16:00:00Z");
    await book(travis, "2026-11-19T22:00:00Z");
    await book(travis, "2026-11-27T00:00:00Z");
    const all = await idsIn();
    expect(all).toEqual([before.id, ...[second.id, twin.id].sort()]);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 1, ...(cursor ? { cursor } : {}) });
      seen.push(...page.consultations.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(all);
    expect((await list()).consultations.map(({ leadName }) => leadName)).toContain("Oriole, Rowan");
  });

  it("has all of one lead without a span, and those of some states alone", async () => {
    const one = await book(travis, "2026-05-01T16:00:00Z");
    const two = await book(travis, "2027-05-01T16:00:00Z");
    await book(hays, "2026-11-21T16:00:00Z");
    await cancelOwnConsultation(user, two.id, { isNoShow: false });
    const query = ConsultationQuery.parse({ lead: travis });
    expect((await listConsultations(user, query)).consultations.map(({ id }) => id)).toEqual([one.id, two.id]);
    const live = await listConsultations(user, { ...query, state: ["scheduled"] });
    expect(live.consultations.map(({ id }) => id)).toEqual([one.id]);
  });

  it("refuses a span of more than 93 days or none, and a cursor of another list", async () => {
    for (const to of ["2027-02-22T00:00:00Z", WEEK.from]) {
      await expect(list({ to })).rejects.toMatchObject({ code: "unprocessable", invalidParams: [{ name: "to" }] });
    }
    await book(travis, "2026-11-21T16:00:00Z");
    await book(travis, "2026-11-22T16:00:00Z");
    const { nextCursor } = await list({ limit: 1 });
    const elsewhere = list({ limit: 1, cursor: nextCursor, state: ["scheduled"] });
    await expect(elsewhere).rejects.toMatchObject({ invalidParams: [{ name: "cursor" }] });
  });

  // Seen red without: the comparison of a consultation's own id in conflictsSql.
  it("shows what each one overlaps with: others that take place, and busy times, which have no name", async () => {
    const one = await book(travis, "2026-11-21T16:00:00Z");
    const two = await book(hays, "2026-11-21T16:15:00Z");
    const gone = await book(hays, "2026-11-21T16:00:00Z");
    const next = await book(hays, "2026-11-21T16:45:00Z");
    await cancelOwnConsultation(user, gone.id, { isNoShow: false });
    await beBusy("2026-11-21T16:20:00Z", "2026-11-21T16:45:00Z");
    const conflicts = new Map((await list()).consultations.map((each) => [each.id, each.conflicts]));
    const ofOne = conflicts.get(one.id)?.map(({ kind, consultationId }) => [kind, consultationId]);
    expect(ofOne).toEqual([
      ["consultation", two.id],
      ["busy", null],
    ]);
    expect([conflicts.get(gone.id), conflicts.get(next.id)]).toEqual([[], []]);
    const shown = { kind: "busy", startsAt: "2026-11-21T16:20:00.000Z", endsAt: "2026-11-21T16:45:00.000Z" };
    expect(await listBusyTimes(user, WEEK)).toEqual([{ ...shown, isAllDay: false, consultationId: null }]);
  });

  it("keeps a member to the leads that they may see, also in what overlaps, and another firm out", async () => {
    const theirs = await book(hays, "2026-11-21T16:00:00Z");
    const hidden = await book(travis, "2026-11-21T16:00:00Z");
    const own = limited.asUser(clock);
    const [only, ...more] = (await list({}, own)).consultations;
    expect([only?.id, only?.conflicts, more]).toEqual([theirs.id, [], []]);
    await expect(getConsultation(own, hidden.id)).rejects.toMatchObject({ code: "not_found" });
    const other = await makeFirm();
    expect(await idsIn({}, other.asUser(clock))).toEqual([]);
    expect([await hasConsultations(own), await hasConsultations(other.asUser(clock))]).toEqual([true, false]);
  });

  it("is on the audit trail once in five minutes", async () => {
    await list();
    await list({ to: "2026-11-27T00:00:00.500Z" });
    clock.advance(6 * 60_000);
    await list();
    expect((await eventsOf(firm)).filter(({ type }) => type === "consultation.listed")).toHaveLength(2);
  });
});

type Plan = { "Node Type": string; "Index Name"?: string; "Relation Name"?: string; Plans?: Plan[] };
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

describe("with many consultations", () => {
  let many: TestFirm;
  beforeAll(async () => {
    const crowd = await makeFirm();
    await fillWithLeads(ownDatabase.adminUrl, crowd.id, 2000);
    await asOwner(crowd.id, async (client) => {
      await client.query(
        `INSERT INTO consultation (tenant_id, id, lead_id, origin, source_id, state, starts_at, ends_at, time_zone, kind, booked_at, content_hash,
           created_at, updated_at)
         SELECT $1, gen_random_uuid(), leads.ids[1 + i % 2000], 'firm', 'many-' || i, 'scheduled', at, at + interval '30 minutes', 'America/Chicago', 'x', at, 'x', at, at
         FROM generate_series(1, 20000) AS i, LATERAL (SELECT timestamptz '2025-01-01' + i * interval '1 hour' AS at) t,
           (SELECT array_agg(id) AS ids FROM lead) leads`,
        [crowd.id],
      );
      await client.query("ANALYZE consultation");
    });
    many = crowd;
  });

  async function indexesOf(sql: Prisma.Sql): Promise<(string | undefined)[]> {
    const [row] = await inTenant(many.asUser(clock), (tx) =>
      tx.$queryRaw<{ "QUERY PLAN": [{ Plan: Plan }] }[]>(Prisma.sql`EXPLAIN (FORMAT JSON) ${sql}`),
    );
    const nodes = nodesOf(row?.["QUERY PLAN"][0].Plan as Plan);
    return nodes
      .filter((node) => node["Relation Name"] === "consultation" || node["Node Type"].startsWith("Bitmap Index"))
      .map((node) => node["Index Name"] ?? node["Node Type"]);
  }

  it("reads a week, a lead and what overlaps through their indexes, as the app role", async () => {
    const ctx = many.asUser(clock);
    const week = { ...WEEK, state: [] };
    expect(await indexesOf(pageSql(ctx, week, null, 101))).toEqual(["consultation_starts_idx"]);
    const lead = await postLead(many);
    expect(await indexesOf(pageSql(ctx, { lead, state: [] }, null, 101))).toEqual(["consultation_lead_idx"]);
    const { consultations } = await list({}, ctx);
    const used = await indexesOf(
      conflictsSql(
        ctx,
        consultations.map(({ id }) => id),
      ),
    );
    expect(used).not.toContain("Seq Scan");
  });

  it("asks as often for a hundred as for one", async () => {
    const asked = async (limit: number) => {
      const ctx = many.asUser(clock);
      let count = 0;
      await inTenant(ctx, async (tx) => {
        const counting = new Proxy(tx, {
          get(target, key) {
            if (key === "$queryRaw" || key === "$executeRaw") count += 1;
            return Reflect.get(target, key);
          },
        });
        await listConsultations({ ...ctx, tx: counting }, ConsultationQuery.parse({ ...WEEK, limit }));
      });
      return count;
    };
    // The first reading is put on the audit trail.
    await asked(1);
    expect(await asked(100)).toBe(await asked(1));
  });
});

describe("reminders", () => {
  const remind = () => remindDue(firm.asService(clock));
  const idsFor = async (ctx: Ctx) => (await listReminders(ctx)).reminders.map(({ consultationId }) => consultationId);

  it("come to each user in the time of their choice, of leads that they may see, and once", async () => {
    const one = await book(travis, "2026-11-20T15:50:00Z");
    const two = await book(hays, "2026-11-20T15:55:00Z");
    await book(hays, "2026-11-20T16:05:00Z");
    const early = await addUser(firm);
    const never = await addUser(firm);
    const gone = await addUser(firm);
    await changeReminders(early.asUser(clock), { minutes: 5 });
    await changeReminders(early.asUser(clock), { minutes: 5 });
    expect((await eventsOf(firm)).filter(({ type }) => type === "user.profile_changed")).toHaveLength(1);
    await changeReminders(never.asUser(clock), { minutes: null });
    await asOwner(firm.id, (client) =>
      client.query("UPDATE app_user SET disabled_at = now() WHERE id = $1", [gone.id]),
    );
    expect([await remind(), await remind()]).toEqual([3, 0]);
    expect(await idsFor(user)).toEqual([one.id, two.id]);
    expect(await idsFor(limited.asUser(clock))).toEqual([two.id]);
    expect([await idsFor(early.asUser(clock)), await idsFor(never.asUser(clock))]).toEqual([[], []]);
    clock.set("2026-11-20T15:46:00Z");
    await remind();
    expect(await idsFor(early.asUser(clock))).toEqual([one.id]);
  });

  // Seen red without: the hour in the join of listReminders.
  it("come again for another hour, and are gone with what was canceled, moved away or is over", async () => {
    const one = await book(travis, "2026-11-20T15:30:00Z");
    const two = await book(hays, "2026-11-20T15:40:00Z");
    await remind();
    await seeReminder(user, one.id);
    await seeReminder(user, one.id);
    expect((await listReminders(user)).reminders.map(({ isSeen }) => isSeen)).toEqual([true, false]);
    await cancelOwnConsultation(user, two.id, { isNoShow: false });
    await moveOwnConsultation(user, one.id, { startsAt: "2026-11-21T15:30:00Z" });
    expect(await idsFor(user)).toEqual([]);
    clock.set("2026-11-21T15:00:00Z");
    expect(await remind()).toBe(1);
    expect((await listReminders(user)).reminders).toMatchObject([
      { consultationId: one.id, isSeen: false, leadName: "Kingbird, Rowan" },
    ]);
    clock.set("2026-11-21T16:00:00Z");
    expect(await idsFor(user)).toEqual([]);
    await expect(seeReminder(limited.asUser(clock), one.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(seeReminder(firm.asKey(undefined, clock), one.id)).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("the calendar of a user", () => {
  const ORIGIN = "https://firm.example";
  const secretIn = (url: string) => url.replace(`${ORIGIN}/api/calendar/`, "").replace(/\.ics$/, "");
  const read = (feed: string, of = firm) => readCalendarFeed(of.asService(clock), feed);
  const make = async (ctx = user, showsNames = false) =>
    secretIn((await makeCalendarFeed(ctx, { showsNames }, ORIGIN)).url);
  const eventsIn = (text: string | null) =>
    new ICAL.Component(ICAL.parse(text ?? "")).getAllSubcomponents("vevent").map((each) => new ICAL.Event(each));

  it("has the consultations with steady ids, what was canceled as canceled, UTC times and no names unless asked for", async () => {
    const one = await book(travis, "2026-11-21T16:00:00Z");
    const two = await book(hays, "2026-11-22T16:00:00Z");
    await cancelOwnConsultation(user, two.id, { isNoShow: false });
    await moveOwnConsultation(user, one.id, { startsAt: "2026-11-21T17:00:00Z" });
    for (const far of ["2026-10-20T16:00:00Z", "2027-06-01T16:00:00Z"]) await book(travis, far);
    const text = await read(await make());
    const [first, second, ...more] = eventsIn(text);
    expect(more).toEqual([]);
    expect([first?.uid, first?.sequence, first?.startDate.toString()]).toEqual([
      `${one.id}@arrestra`,
      2,
      "2026-11-21T17:00:00Z",
    ]);
    expect(first?.component.getFirstPropertyValue("status")).toBe("CONFIRMED");
    expect(first?.component.getFirstPropertyValue("dtstamp")?.toString()).toBe("2026-11-20T15:00:00Z");
    expect(first?.component.getFirstPropertyValue("url")).toMatch(new RegExp(`/leads/${travis}$`));
    expect([second?.uid, second?.component.getFirstPropertyValue("status")]).toEqual([
      `${two.id}@arrestra`,
      "CANCELLED",
    ]);
    expect(text).not.toMatch(/Kingbird|Oriole|INTOXICATED/i);
    const named = await read(await make(user, true));
    expect(eventsIn(named)[0]?.summary).toBe("Consultation: Kingbird, Rowan");
    expect(named).not.toMatch(/INTOXICATED/i);
  });

  it("is read at one address only, which is kept nowhere, and by nobody once it was made anew, ended or its user shut out", async () => {
    await book(hays, "2026-11-21T16:00:00Z");
    const old = await make();
    const feed = await make();
    expect([await read(old), (await read(feed)) !== null]).toEqual([null, true]);
    const wrong = [
      `${firm.user.id}.`,
      `${firm.user.id}.x`,
      `${limited.id}.${feed.split(".")[1]}`,
      "x.y",
      "",
      feed.slice(0, -1),
    ];
    for (const each of wrong) expect(await read(each)).toBeNull();
    expect(await read(feed, await makeFirm())).toBeNull();
    const kept = await asOwner(firm.id, async (client) => (await client.query("SELECT * FROM calendar_feed")).rows);
    expect(JSON.stringify([kept, await eventsOf(firm)])).not.toContain(feed.split(".")[1]);
    const shutOut = "UPDATE app_user SET disabled_at = $2 WHERE id = $1";
    const shut = (at: Date | null) => asOwner(firm.id, (client) => client.query(shutOut, [firm.user.id, at]));
    await shut(clock.now());
    expect(await read(feed)).toBeNull();
    await shut(null);
    await endCalendarFeed(user);
    await endCalendarFeed(user);
    expect(await read(feed)).toBeNull();
    const types = (await eventsOf(firm)).map(({ type }) => type).filter((type) => type.startsWith("consultation.feed"));
    expect(types).toEqual([
      "consultation.feed_made",
      "consultation.feed_made",
      "consultation.feed_read",
      "consultation.feed_ended",
    ]);
  });

  // Seen red without: the scope of the reader in asReader.
  it("has what its user may see now", async () => {
    const theirs = await book(hays, "2026-11-21T16:00:00Z");
    await book(travis, "2026-11-21T16:00:00Z");
    const feed = await make(limited.asUser(clock));
    expect(eventsIn(await read(feed)).map(({ uid }) => uid)).toEqual([`${theirs.id}@arrestra`]);
    const narrower = "UPDATE app_user SET scope_counties = '{Comal}' WHERE id = $1";
    await asOwner(firm.id, (client) => client.query(narrower, [limited.id]));
    expect(eventsIn(await read(feed))).toEqual([]);
  });

  it("gets its address only for a person who showed the second factor just now", async () => {
    const { actor, ...rest } = user;
    const stale: Ctx = {
      ...rest,
      actor: { ...(actor as Extract<Ctx["actor"], { type: "user" }>), factorAt: new Date(0) },
    };
    await expect(makeCalendarFeed(stale, { showsNames: false }, ORIGIN)).rejects.toMatchObject({
      code: "mfa_required",
    });
    await expect(make(firm.asKey(undefined, clock))).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("what a member may see", () => {
  // Seen red without: the lead's scope in listedSql and in conflictsSql.
  it("is held by the queries too, should a policy ever be missing", async () => {
    const theirs = await book(hays, "2026-11-21T16:00:00Z");
    const hidden = await book(travis, "2026-11-21T16:00:00Z");
    await remindDue(firm.asService(fixedClock("2026-11-21T15:30:00Z")));
    const admin = new pg.Client({ connectionString: ownDatabase.adminUrl });
    await admin.connect();
    for (const table of ["lead", "consultation", "reminder", "attendance_interval", "sync_link", "event"]) {
      await admin.query(`DROP POLICY member_scope ON ${table}`);
    }
    await admin.end();
    const own = limited.asUser(clock);
    const [only, ...more] = (await list({}, own)).consultations;
    expect([only?.id, only?.conflicts, more]).toEqual([theirs.id, [], []]);
    expect(await listConsultations(own, ConsultationQuery.parse({ lead: travis }))).toMatchObject({
      consultations: [],
    });
    expect((await listReminders(own)).reminders.map(({ consultationId }) => consultationId)).toEqual([theirs.id]);
    const named = [
      () => getConsultation(own, hidden.id),
      () => cancelOwnConsultation(own, hidden.id, { isNoShow: false }),
      () => relinkConsultation(own, theirs.id, { leadId: travis }),
      () => book(travis, "2026-11-22T16:00:00Z", 30, own),
    ];
    for (const attempt of named) await expect(attempt()).rejects.toMatchObject({ code: "not_found" });
  });
});
