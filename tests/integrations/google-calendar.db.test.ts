import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import {
  deleteEvent,
  findEvents,
  getEvent,
  identify,
  insertEvent,
  listCalendars,
  listEvents,
  patchEvent,
  stopChannel,
  watchEvents,
} from "@/lib/integrations/google-calendar";
import { closeDatabase } from "@/lib/platform/db";

type Seen = { method: string; path: string; headers: IncomingHttpHeaders; body: unknown };
type Answer = { status?: number; body?: unknown; headers?: Record<string, string> };

const seen: Seen[] = [];
let answers: Answer[] = [];
const server = createServer(async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  seen.push({ method: req.method ?? "", path: req.url ?? "", headers: req.headers, body: text && JSON.parse(text) });
  const { status = 200, body, headers = {} } = answers.shift() ?? {};
  res.writeHead(status, { "Content-Type": "application/json; charset=utf-8", ...headers });
  res.end(typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
process.env.GOOGLE_CALENDAR_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/calendar/v3`;

beforeEach(() => {
  seen.length = 0;
  answers = [];
});
afterAll(async () => {
  await closeDatabase();
  server.close();
});

const access = { authorization: "Bearer of-a-test", accountId: "office@smithlaw.example", settings: {} };
const calendarId = "team calendar@group.example";
const CALENDAR = "/calendar/v3/calendars/team%20calendar%40group.example";
const EVENT = { id: "abcde", status: "confirmed", etag: '"1"', updated: "2026-11-20T15:00:00.000Z" };
const body = {
  summary: "Consultation: Fictus, Rowan",
  description: "",
  location: "",
  start: { dateTime: "2026-11-23T16:00:00.000Z", timeZone: "America/Chicago" },
  end: { dateTime: "2026-11-23T16:30:00.000Z", timeZone: "America/Chicago" },
  extendedProperties: { private: { tenantId: "t", consultationId: "c" } },
  reminders: { useDefault: true } as const,
};

/** The path and query parts of the request that was made, and that nothing else was. */
function only(): Seen & { query: Record<string, string> } {
  expect(seen).toHaveLength(1);
  const url = new URL(seen[0]?.path ?? "", "http://x");
  return { ...(seen[0] as Seen), path: url.pathname, query: Object.fromEntries(url.searchParams) };
}

describe("what is sent", () => {
  it("asks for the primary calendar to know whose account it is", async () => {
    answers = [{ body: { kind: "calendar#calendarListEntry", id: "office@smithlaw.example", summary: "Office" } }];
    expect(await identify({ ...access, accountId: "" })).toEqual({
      accountId: "office@smithlaw.example",
      label: "office@smithlaw.example",
      settings: {},
    });
    const { method, path, headers } = only();
    expect([method, path]).toEqual(["GET", "/calendar/v3/users/me/calendarList/primary"]);
    expect(headers).toMatchObject({ authorization: "Bearer of-a-test", accept: "application/json" });
  });

  it("lists the calendars that may be written to, page by page, the primary one first", async () => {
    answers = [
      { body: { items: [{ id: "b@x", summary: "B", timeZone: "America/Denver" }], nextPageToken: "two" } },
      { body: { items: [{ id: "a@x", summary: "A", summaryOverride: "Mine", primary: true }] } },
    ];
    expect(await listCalendars(access)).toEqual([
      { id: "a@x", name: "Mine", timeZone: null, isPrimary: true },
      { id: "b@x", name: "B", timeZone: "America/Denver", isPrimary: false },
    ]);
    expect(seen.map(({ path }) => path)).toEqual([
      "/calendar/v3/users/me/calendarList?minAccessRole=writer&maxResults=250",
      "/calendar/v3/users/me/calendarList?minAccessRole=writer&maxResults=250&pageToken=two",
    ]);
  });

  it.each([
    [{}, {}],
    [{ pageToken: "p" }, { pageToken: "p" }],
    [{ syncToken: "s" }, { syncToken: "s" }],
    [
      { syncToken: "s", pageToken: "p" },
      { syncToken: "s", pageToken: "p" },
    ],
  ])("asks the same of a calendar with %j, and never a filter beside a token", async (given, expected) => {
    answers = [
      { body: { items: [{ id: "gone1", status: "cancelled" }], timeZone: "America/Chicago", nextSyncToken: "n" } },
    ];
    const page = await listEvents(access, { calendarId, ...given });
    expect(page).toMatchObject({ items: [{ id: "gone1", status: "cancelled" }], nextSyncToken: "n" });
    const { method, path, query } = only();
    expect([method, path]).toEqual(["GET", `${CALENDAR}/events`]);
    expect(query).toEqual({ singleEvents: "true", maxResults: "250", ...expected });
  });

  it("finds the events of a firm by its mark", async () => {
    answers = [{ body: { items: [EVENT] } }];
    await findEvents(access, { calendarId, property: "tenantId=t", timeMin: new Date("2026-11-22T00:00:00Z") });
    expect(only().query).toEqual({
      privateExtendedProperty: "tenantId=t",
      singleEvents: "true",
      timeMin: "2026-11-22T00:00:00.000Z",
      maxResults: "250",
    });
  });

  it("makes an event under an id of ours", async () => {
    answers = [{ body: EVENT }];
    expect(await insertEvent(access, { calendarId, id: "abcde", body, sendUpdates: "none" })).toMatchObject(EVENT);
    const request = only();
    expect([request.method, request.path, request.query]).toEqual([
      "POST",
      `${CALENDAR}/events`,
      { sendUpdates: "none" },
    ]);
    expect(request.body).toEqual({ id: "abcde", ...body });
    expect(request.headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  it("changes and deletes an event only if it is as we know it", async () => {
    answers = [{ body: EVENT }, { status: 204 }];
    await patchEvent(access, { calendarId, id: "abcde", etag: '"1"', body: { summary: "New" }, sendUpdates: "all" });
    await deleteEvent(access, { calendarId, id: "abcde", etag: '"2"', sendUpdates: "none" });
    expect(seen.map(({ method, path, headers, body: sent }) => [method, path, headers["if-match"], sent])).toEqual([
      ["PATCH", `${CALENDAR}/events/abcde?sendUpdates=all`, '"1"', { summary: "New" }],
      ["DELETE", `${CALENDAR}/events/abcde?sendUpdates=none`, '"2"', ""],
    ]);
  });

  it("reads one event, and says that there is none", async () => {
    answers = [{ body: EVENT }, refusal(404, "notFound")];
    expect(await getEvent(access, { calendarId, id: "abcde" })).toMatchObject(EVENT);
    expect(await getEvent(access, { calendarId, id: "abcde" })).toBeNull();
    expect(seen[0]).toMatchObject({ method: "GET", path: `${CALENDAR}/events/abcde` });
  });

  it("opens a channel and takes Google's word for when it ends, and stops one", async () => {
    const expiresAt = new Date("2026-11-29T00:00:00Z");
    answers = [
      { body: { id: "c1", resourceId: "r1", expiration: String(Date.parse("2026-11-25T00:00:00Z")) } },
      { status: 204 },
    ];
    const channel = { calendarId, id: "c1", address: "https://x.example/hook", token: "secret", expiresAt };
    expect(await watchEvents(access, channel)).toEqual({
      resourceId: "r1",
      expiresAt: new Date("2026-11-25T00:00:00Z"),
    });
    await stopChannel(access, { id: "c1", resourceId: "r1" });
    expect(seen.map(({ method, path, body: sent }) => [method, path, sent])).toEqual([
      [
        "POST",
        `${CALENDAR}/events/watch`,
        {
          id: "c1",
          type: "web_hook",
          address: "https://x.example/hook",
          token: "secret",
          expiration: String(expiresAt.getTime()),
        },
      ],
      ["POST", "/calendar/v3/channels/stop", { id: "c1", resourceId: "r1" }],
    ]);
  });

  it.each(["..", ".", ""])("refuses the id %j, which would lead to another address", async (id) => {
    await expect(getEvent(access, { calendarId: id, id: "abcde" })).resolves.toBeNull();
    expect(seen).toEqual([]);
  });
});

const refusal = (code: number, reason: string, message = "for rowan@person.example", headers = {}): Answer => ({
  status: code,
  body: { error: { errors: [{ domain: "global", reason, message }], code, message } },
  headers,
});

describe("what is refused", () => {
  it.each([
    [refusal(400, "badRequest"), { kind: "rejected", status: 400, code: "badRequest" }],
    [refusal(401, "authError"), { kind: "rejected", status: 401, code: "authError" }],
    [refusal(403, "userRateLimitExceeded"), { kind: "throttled", status: 403, code: "userRateLimitExceeded" }],
    [refusal(403, "rateLimitExceeded", "x", { "Retry-After": "9" }), { kind: "throttled", retryAfterMs: 9000 }],
    [refusal(403, "quotaExceeded"), { kind: "throttled", code: "quotaExceeded", retryAfterMs: undefined }],
    [
      refusal(403, "quotaExceeded", "Calendar usage limits exceeded."),
      { kind: "throttled", code: "calendarUsageLimitsExceeded", retryAfterMs: 3_600_000 },
    ],
    [refusal(403, "forbiddenForNonOrganizer"), { kind: "rejected", status: 403, code: "forbiddenForNonOrganizer" }],
    [refusal(403, "insufficientPermissions"), { kind: "rejected", status: 403, code: "insufficientPermissions" }],
    [refusal(404, "notFound"), { kind: "rejected", status: 404, code: "notFound" }],
    [refusal(409, "duplicate"), { kind: "rejected", status: 409, code: "duplicate" }],
    [refusal(410, "fullSyncRequired"), { kind: "rejected", status: 410, code: "fullSyncRequired" }],
    [refusal(410, "updatedMinTooLongAgo"), { kind: "rejected", status: 410, code: "updatedMinTooLongAgo" }],
    [refusal(412, "conditionNotMet"), { kind: "rejected", status: 412, code: "conditionNotMet" }],
    [refusal(429, "rateLimitExceeded"), { kind: "throttled", status: 429, code: "rateLimitExceeded" }],
    [refusal(500, "backendError"), { kind: "unavailable", status: 500, code: "backendError" }],
    [refusal(503, "backendError"), { kind: "unavailable", status: 503 }],
    [
      { status: 502, body: "<html>Bad gateway" },
      { kind: "unavailable", status: 502, code: undefined },
    ],
    [
      { status: 403, body: { error: { errors: [{ reason: "no reason at all!" }] } } },
      { kind: "rejected", code: undefined },
    ],
    [{ status: 200, body: "<html>" }, { kind: "garbled" }],
    [{ status: 200, body: { items: [{ id: 7 }] } }, { kind: "garbled" }],
  ])("turns %j into %j, once and in words without anything personal", async (answer, expected) => {
    answers = [answer];
    const error = await listEvents(access, { calendarId }).then(
      () => null,
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ name: "VendorError", vendor: "google", ...expected });
    expect(error?.message).not.toContain("rowan");
    expect(seen).toHaveLength(1);
  });

  it("takes for done what is deleted or stopped already", async () => {
    answers = [
      refusal(410, "deleted"),
      refusal(404, "notFound"),
      refusal(404, "notFound"),
      refusal(412, "conditionNotMet"),
    ];
    const which = { calendarId, id: "abcde", etag: undefined, sendUpdates: "none" } as const;
    await deleteEvent(access, which);
    await deleteEvent(access, which);
    await stopChannel(access, { id: "c1", resourceId: "r1" });
    await expect(deleteEvent(access, which)).rejects.toMatchObject({ status: 412 });
  });
});
