import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import { log } from "@/lib/platform/log";
import { RATE_LIMITS } from "@/lib/platform/rate-table";
import {
  addUserWithPassword,
  hostOf,
  makeFirmWithPassword,
  originOfFirm,
  type Reply,
  type Route,
  signInTo,
} from "../http/call";
import { type Asked, allRoutes, sendTo } from "../isolation/all-routes";
import { MEMBER_ROLE, type PlacedLead, placeLeads, remindOf, strangersIn } from "../isolation/scope-firm";
import { asOwner, eventsOf, type TestFirm } from "../setup/firms";

// The routes of consultations, reminders and calendar addresses as a person meets them. What each verb does is tested with the verbs.

let routes: Record<string, Route>;
let firm: TestFirm;
let other: TestFirm;
let leads: PlacedLead[];
let cookie: string;
const scope = { counties: ["Travis"], classes: [] } as const;
let limited: string;

beforeAll(async () => {
  routes = await allRoutes();
  [firm, other] = await Promise.all([makeFirmWithPassword(), makeFirmWithPassword()]);
  leads = await placeLeads(firm);
  cookie = await signInTo(firm);
  const member = await addUserWithPassword(firm, { role: MEMBER_ROLE, scope });
  await remindOf(firm, member.id, leads);
  limited = await signInTo(firm, member);
});
afterAll(closeDatabase);

const send = (name: string, asked: Asked = {}, as = cookie, headers: Record<string, string> = {}): Promise<Reply> =>
  sendTo(routes, name, asked, { host: hostOf(firm), headers: { cookie: as, origin: originOfFirm(firm), ...headers } });
const first = () => leads[0] as PlacedLead;
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const lastSeen = async (): Promise<string> => {
  const { rows } = await asOwner(firm.id, (client) =>
    client.query<{ at: Date }>("SELECT max(last_seen_at) AS at FROM session WHERE user_id = $1", [firm.user.id]),
  );
  return String(rows[0]?.at.toISOString());
};

describe("consultations over HTTP", () => {
  it("are booked, moved, judged and canceled by a person, each with its event", async () => {
    const body = { leadId: first().id, startsAt: inDays(4), minutes: 45, location: "Office" };
    const booked = await send("POST /api/consultations", { body });
    expect(booked.status).toBe(201);
    const { id, version } = booked.json<{ id: string; version: number }>();
    const moved = await send("POST /api/consultations/[id]/move", {
      ids: { id },
      body: { startsAt: inDays(5), expectedVersion: version },
    });
    expect(moved.json()).toMatchObject({ id, state: "scheduled", conflicts: [] });
    const stale = await send("POST /api/consultations/[id]/move", {
      ids: { id },
      body: { startsAt: inDays(6), expectedVersion: version },
    });
    expect([stale.status, stale.json().code]).toEqual([409, "conflict"]);
    const reasonless = await send("POST /api/consultations/[id]/outcome", {
      ids: { id },
      body: { outcome: "declined" },
    });
    expect([
      reasonless.status,
      reasonless.json<{ invalidParams: { name: string }[] }>().invalidParams[0]?.name,
    ]).toEqual([422, "reason"]);
    expect(
      (await send("POST /api/consultations/[id]/attendance", { ids: { id }, body: { attendance: "attended" } })).json()
        .attendance,
    ).toBe("attended");
    expect((await send("POST /api/consultations/[id]/cancel", { ids: { id }, body: {} })).json().state).toBe(
      "canceled",
    );
    const types = (await eventsOf(firm, first().id)).map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining([
        "consultation.booked",
        "consultation.moved",
        "consultation.attendance_set",
        "consultation.canceled",
      ]),
    );
  });

  it("are filtered by several states, and refused by name when the query means nothing", async () => {
    const list = (query: string) =>
      send("GET /api/consultations", { query: `?from=${inDays(-1)}&to=${inDays(30)}${query}` });
    const states = async (query: string) =>
      new Set(
        (await list(query)).json<{ consultations: { state: string }[] }>().consultations.map(({ state }) => state),
      );
    expect(await states("&state=canceled")).toEqual(new Set(["canceled"]));
    expect(await states("&state=canceled&state=scheduled")).toEqual(new Set(["canceled", "scheduled"]));
    for (const [query, name] of [
      ["&state=gone", "state[0]"],
      ["&limit=501", "limit"],
      ["&colour=red", "colour"],
    ] as const) {
      const refused = await list(query);
      expect([refused.status, refused.json<{ invalidParams: { name: string }[] }>().invalidParams[0]?.name]).toEqual([
        422,
        name,
      ]);
    }
    expect((await send("GET /api/consultations")).status).toBe(422);
  });

  it("hold no transaction of ours open while another service is asked: their key is not looked at", async () => {
    const key = { "idempotency-key": "same" };
    const asked = { ids: { id: first().consultationId }, body: { startsAt: inDays(7) } };
    for (const _time of [1, 2]) {
      const reply = await send("POST /api/consultations/[id]/move", asked, cookie, key);
      expect([reply.status, reply.headers.get("idempotency-replayed")]).toEqual([200, null]);
    }
  });
});

describe("reminders", () => {
  it("name the leads that a member may see now, whatever they were reminded of before", async () => {
    const reply = await send("GET /api/reminders", {}, limited);
    expect(reply.json<{ reminders: unknown[] }>().reminders.length).toBeGreaterThan(0);
    expect(strangersIn(reply.text, scope, leads)).toEqual([]);
    const outside = leads.find(({ county }) => county === "Hays") as PlacedLead;
    expect((await send("GET /api/consultations/[id]", { ids: { id: outside.consultationId } }, limited)).status).toBe(
      404,
    );
  });

  it("are seen once they were shown, and then stay so", async () => {
    const [reminder] = (await send("GET /api/reminders")).json<{
      reminders: { consultationId: string; isSeen: boolean }[];
    }>().reminders;
    expect(reminder?.isSeen).toBe(false);
    const id = reminder?.consultationId ?? "";
    for (const _time of [1, 2]) expect((await send("POST /api/reminders/[id]/seen", { ids: { id } })).status).toBe(204);
    const after = (await send("GET /api/reminders")).json<{
      reminders: { consultationId: string; isSeen: boolean }[];
    }>().reminders;
    expect(after.find(({ consultationId }) => consultationId === id)?.isSeen).toBe(true);
  });

  // Seen red without: isVisit in app/api/reminders/route.ts.
  it("are asked for by a page itself, which keeps no session from going idle", async () => {
    await asOwner(firm.id, (client) => client.query("UPDATE session SET last_seen_at = now() - interval '20 minutes'"));
    const before = await lastSeen();
    expect((await send("GET /api/reminders")).status).toBe(200);
    expect(await lastSeen()).toBe(before);
    expect((await send("GET /api/account")).status).toBe(200);
    expect(await lastSeen()).not.toBe(before);
  });
});

describe("a calendar address", () => {
  const make = async (as: string, showsNames: boolean): Promise<string> => {
    const made = await send("POST /api/account/calendar-feed", { body: { showsNames } }, as, {
      "idempotency-key": "feed",
    });
    expect(made.status, made.text).toBe(201);
    expect(made.headers.get("idempotency-replayed")).toBeNull();
    const { url } = made.json<{ url: string }>();
    expect(url.startsWith(`${originOfFirm(firm)}/api/calendar/`)).toBe(true);
    return url.split("/").at(-1) ?? "";
  };
  const read = (feed: string, host = hostOf(firm)) =>
    sendTo(routes, "GET /api/calendar/[feed]", { ids: { feed } }, { host });

  it("opens a calendar without a session, kept by nobody, with names only where they were asked for", async () => {
    const feed = await make(cookie, false);
    const calendar = await read(feed);
    expect(calendar.status).toBe(200);
    expect(calendar.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
    expect(calendar.headers.get("cache-control")).toBe("private, no-store");
    expect(calendar.text).toMatch(/^BEGIN:VCALENDAR/);
    expect(calendar.text).not.toMatch(/ROWAN/i);
    expect((await read(await make(cookie, true))).text).toMatch(/ROWAN/i);
    expect((await read(feed)).status).toBe(404);
  });

  it("shows a limited member's leads alone", async () => {
    const { text } = await read(await make(limited, true));
    expect(text).toContain("BEGIN:VEVENT");
    expect(strangersIn(text.replace(/\r\n[ \t]/g, ""), scope, leads)).toEqual([]);
  });

  it("answers a wrong, an ended and another firm's secret alike, as an address that does not exist", async () => {
    const feed = await make(cookie, false);
    const bodyOf = ({ status, text }: Reply) => ({ status, ...(JSON.parse(text) as object), requestId: "" });
    const nothing = bodyOf(await read("nothing"));
    expect(nothing.status).toBe(404);
    const wrong = feed.replace(/.(?=\.ics$)/, (last) => (last === "A" ? "B" : "A"));
    const apart = [
      await read(wrong),
      await read(feed, hostOf(other)),
      await read(feed, "localhost:3000"),
      await read(`${firm.user.id}.`),
    ];
    expect(apart.map(bodyOf)).toEqual([nothing, nothing, nothing, nothing]);
    expect((await read(feed)).status).toBe(200);
    expect((await send("DELETE /api/account/calendar-feed")).status).toBe(204);
    expect(bodyOf(await read(feed))).toEqual(nothing);
  });

  // A path is cut by routeOf (lib/core/route-of.ts).
  it("is in no line of the log", async () => {
    const feed = await make(cookie, false);
    const lines = vi.spyOn(log, "info");
    await read(feed);
    await read(`x${feed}`);
    expect(lines.mock.calls.length).toBe(2);
    expect(JSON.stringify(lines.mock.calls)).not.toContain(feed.split(".")[1]);
  });

  // Seen red without: requireRate in lib/http/with-feed.ts.
  it("is read so often from one address and no more, before any secret is looked at", async () => {
    const from = { "x-forwarded-for": "203.0.113.77" };
    const ask = () =>
      sendTo(routes, "GET /api/calendar/[feed]", { ids: { feed: "nothing" } }, { host: hostOf(firm), headers: from });
    const statuses = new Set<number>();
    for (let asked = 0; asked <= RATE_LIMITS["calendar.address"].points; asked += 1) statuses.add((await ask()).status);
    expect([...statuses]).toEqual([404, 429]);
  });
});
