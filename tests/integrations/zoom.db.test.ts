import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import * as zoom from "@/lib/integrations/zoom";
import { isMeetingGone } from "@/lib/integrations/zoom-call";
import { closeDatabase } from "@/lib/platform/db";

/** What a call sent, and what it gets back. */
type Seen = { method: string; path: string; headers: IncomingHttpHeaders; body: unknown };
const seen: Seen[] = [];
let answer: { status: number; body: unknown; headers?: Record<string, string> } = { status: 200, body: {} };

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    const { method = "", url: path = "", headers } = req;
    const text = Buffer.concat(chunks).toString();
    seen.push({ method, path, headers, body: text ? JSON.parse(text) : undefined });
    const { status, body } = answer;
    res.writeHead(status, { "content-type": "application/json", ...answer.headers });
    res.end(status === 204 ? undefined : typeof body === "string" ? body : JSON.stringify(body));
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
process.env.ZOOM_API_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`;

afterEach(() => {
  seen.length = 0;
  answer = { status: 200, body: {} };
});
afterAll(async () => {
  await closeDatabase();
  await new Promise((resolve) => server.close(resolve));
});

const accessOf = (settings: Record<string, string> = {}) => ({
  authorization: "Bearer token-of-a-test",
  accountId: `account-${newId()}`,
  settings,
});
const access = accessOf({ hostId: "dana@smithlaw.example" });
const me = accessOf();

const PLAN = {
  topic: "Consultation: Fictus, R.",
  agenda: "Consultation 0198c0de-0000-7000-8000-000000000001",
  startsAt: new Date("2026-12-01T16:00:00.000Z"),
  minutes: 45,
  timeZone: "America/Chicago",
};
const MEETING = {
  uuid: "/aDYlohsHRtCd//4ii1uC2==",
  id: 85_746_065_432,
  host_id: "abc123",
  topic: PLAN.topic,
  agenda: PLAN.agenda,
  type: 2,
  start_time: "2026-12-01T16:00:00Z",
  duration: 45,
  join_url: "https://us02web.zoom.us/j/85746065432?pwd=x",
  start_url: "https://us02web.zoom.us/s/85746065432?zak=host-credential",
  something_new: { nobody: "knows" },
};

describe("the requests", () => {
  it("asks who we are: with a person's token as `me`, with a server's token by the host", async () => {
    answer.body = { id: "abc123", account_id: "acc-1", email: "dana@smithlaw.example" };
    const identity = { accountId: "acc-1", label: "dana@smithlaw.example", settings: { userId: "abc123" } };
    expect(await zoom.identify(me)).toEqual(identity);
    expect(await zoom.identify(access)).toEqual(identity);
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /v2/users/me",
      "GET /v2/users/dana%40smithlaw.example",
    ]);
    expect(seen[0]?.headers).toMatchObject({ authorization: "Bearer token-of-a-test", accept: "application/json" });
  });

  it("makes a meeting that nobody enters before the host, and does not even read what would make somebody the host", async () => {
    answer = { status: 201, body: MEETING };
    const made = await zoom.createMeeting(access, PLAN);
    expect(seen).toMatchObject([{ method: "POST", path: "/v2/users/dana%40smithlaw.example/meetings" }]);
    expect(seen[0]?.headers["content-type"]).toBe("application/json");
    expect(seen[0]?.body).toEqual({
      type: 2,
      topic: PLAN.topic,
      agenda: PLAN.agenda,
      start_time: "2026-12-01T16:00:00Z",
      duration: 45,
      timezone: "America/Chicago",
      settings: { waiting_room: true, join_before_host: false, auto_recording: "none" },
    });
    expect(made).toEqual({
      id: "85746065432",
      uuid: MEETING.uuid,
      hostId: "abc123",
      agenda: PLAN.agenda,
      startsAt: PLAN.startsAt,
      minutes: 45,
      joinUrl: MEETING.join_url,
    });
    // Seen red without: start_url left out of the fields that are read.
    expect(JSON.stringify(made)).not.toContain("host-credential");
  });

  it("reads, changes and removes a meeting by its number", async () => {
    answer.body = MEETING;
    expect(await zoom.findMeeting(access, "85746065432")).toMatchObject({ id: "85746065432", minutes: 45 });
    answer = { status: 204, body: "" };
    expect(await zoom.patchMeeting(access, "85746065432", PLAN)).toBe(true);
    expect(await zoom.deleteMeeting(access, "85746065432")).toBe(true);
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /v2/meetings/85746065432",
      "PATCH /v2/meetings/85746065432",
      "DELETE /v2/meetings/85746065432",
    ]);
    expect(seen[1]?.body).toEqual({
      topic: PLAN.topic,
      agenda: PLAN.agenda,
      start_time: "2026-12-01T16:00:00Z",
      duration: 45,
      timezone: "America/Chicago",
    });
  });

  it("lists what is to come, page by page", async () => {
    answer.body = { page_size: 300, next_page_token: "next", meetings: [MEETING] };
    expect(await zoom.listMeetings(me)).toMatchObject({ nextPageToken: "next", meetings: [{ id: "85746065432" }] });
    answer.body = { next_page_token: "", meetings: [] };
    expect(await zoom.listMeetings(me, "next")).toEqual({ nextPageToken: null, meetings: [] });
    expect(seen.map(({ path }) => path)).toEqual([
      "/v2/users/me/meetings?type=upcoming&page_size=300",
      "/v2/users/me/meetings?type=upcoming&page_size=300&next_page_token=next",
    ]);
  });

  it("reads who was there, with what Zoom leaves blank, and says who only waited", async () => {
    const row = { id: "", user_id: "1", registrant_id: "", user_email: "", name: "Rowan F", status: "in_meeting" };
    const times = { join_time: "2026-12-01T16:00:05Z", leave_time: "2026-12-01T16:20:00Z" };
    answer.body = {
      next_page_token: "",
      participants: [
        { ...row, ...times, duration: "1195" },
        { ...row, ...times, id: "abc123", user_email: "dana@smithlaw.example", internal_user: true },
        { ...row, join_time: times.join_time, status: "in_waiting_room" },
      ],
    };
    const report = await zoom.listPastParticipants(access, "4444AAAiAAAAAiAiAiiAii==");
    expect(seen[0]?.path).toBe("/v2/past_meetings/4444AAAiAAAAAiAiAiiAii%3D%3D/participants?page_size=300");
    const guest = { id: null, registrantId: null, email: null, name: "Rowan F", isWaiting: false, isInternal: false };
    expect(report?.people).toMatchObject([
      { ...guest, joinedAt: new Date(times.join_time), leftAt: new Date(times.leave_time) },
      { id: "abc123", email: "dana@smithlaw.example", isInternal: true },
      { isWaiting: true, leftAt: null },
    ]);
  });

  it("lists each time that a meeting took place", async () => {
    answer.body = { meetings: [{ uuid: "a//b==", start_time: "2026-12-01T16:00:00Z" }, { uuid: "c==" }] };
    expect(await zoom.listPastInstances(access, "85746065432")).toEqual([
      { uuid: "a//b==", startedAt: new Date("2026-12-01T16:00:00Z") },
      { uuid: "c==", startedAt: null },
    ]);
    expect(seen[0]?.path).toBe("/v2/past_meetings/85746065432/instances");
  });

  // Seen red without: the second encoding.
  it.each([
    ["plain==", "plain%3D%3D"],
    ["/ajX/b==", "%252FajX%252Fb%253D%253D"],
    ["a//b==", "a%252F%252Fb%253D%253D"],
    ["a/b==", "a%2Fb%3D%3D"],
  ])("encodes the UUID %s as %s", async (uuid, encoded) => {
    answer.body = { participants: [] };
    await zoom.listPastParticipants(access, uuid);
    expect(seen[0]?.path).toBe(`/v2/past_meetings/${encoded}/participants?page_size=300`);
  });

  it("speaks to another base only when Zoom's own host is named", async () => {
    answer.body = { id: "abc123", account_id: "acc-1" };
    for (const apiUrl of [
      "https://evil.example",
      "http://api.zoom.us",
      "https://zoom.us.evil.example",
      "https://api.zoom.us:8443",
    ])
      await zoom.identify(accessOf({ apiUrl }));
    // Seen red without: the comparison with Zoom's hosts.
    expect(seen).toHaveLength(4);
  });
});

describe("the failures", () => {
  const failing = async (status: number, body: unknown, headers: Record<string, string> = {}) => {
    answer = { status, body, headers };
    return zoom.listMeetings(accessOf()).then(
      () => null,
      (error: unknown) => error,
    );
  };

  it.each([
    [401, 124, "Invalid access token.", "rejected"],
    [400, 300, "Validation Failed.", "rejected"],
    [404, 1001, "User does not exist: someone@person.example", "rejected"],
    [404, 1010, "User does not belong to this account", "rejected"],
    [404, 3001, "Meeting does not exist: 1.", "rejected"],
    [401, 4700, "Token cannot be empty.", "rejected"],
    [400, 4711, "Invalid access token, does not contain scopes", "rejected"],
    [429, 429, "Too many", "throttled"],
    [500, 5000, "Internal", "unavailable"],
  ])("names a %i with %i, and repeats no words of Zoom's", async (status, code, message, kind) => {
    const error = await failing(status, { code, message });
    expect(error).toMatchObject({ name: "VendorError", vendor: "zoom", status, kind, code: String(code) });
    expect(String((error as Error).message)).not.toContain(message);
  });

  it("tells a number by its status too: 3001 is a missing meeting only as a 404", async () => {
    expect(isMeetingGone(await failing(404, { code: 3001 }))).toBe(true);
    expect(isMeetingGone(await failing(400, { code: 3001 }))).toBe(false);
    expect(isMeetingGone(await failing(404, { code: 1001 }))).toBe(false);
    expect(isMeetingGone(await failing(404, "<html>"))).toBe(false);
  });

  it("takes a meeting that is gone for removed, for nobody having been there, and for none; anything else stays a failure", async () => {
    answer = { status: 404, body: { code: 3001, message: "Meeting does not exist." } };
    expect(await zoom.deleteMeeting(access, "1")).toBe(false);
    expect(await zoom.patchMeeting(access, "1", PLAN)).toBe(false);
    expect(await zoom.findMeeting(access, "1")).toBeNull();
    expect(await zoom.listPastParticipants(access, "x")).toBeNull();
    expect(await zoom.listPastInstances(access, "1")).toEqual([]);
    answer = { status: 404, body: { code: 1001 } };
    // Seen red without: the number beside the status.
    await expect(zoom.deleteMeeting(access, "1")).rejects.toMatchObject({ kind: "rejected", code: "1001" });
  });

  it("knows the limit of a second from that of a day, and the wait in each of its forms", async () => {
    const soon = new Date(Date.now() + 3_600_000);
    const iso = `${soon.toISOString().slice(0, 19)}Z`;
    const daily = await failing(429, { code: 429 }, { "X-RateLimit-Type": "Daily-limit", "Retry-After": iso });
    expect(daily).toMatchObject({ kind: "throttled", code: "Daily-limit" });
    const past = await failing(429, { code: 429 }, { "X-RateLimit-Type": "Daily-limit" });
    expect(past).toMatchObject({ code: "Daily-limit", retryAfterMs: 900_000 });
    const waits = [daily];
    waits.push(await failing(429, { code: 429 }, { "Retry-After": "3600" }));
    waits.push(await failing(429, { code: 429 }, { "Retry-After": soon.toUTCString() }));
    for (const error of waits) {
      const { retryAfterMs } = error as { retryAfterMs: number };
      // Seen red without: the date-time of ISO 8601 among the forms.
      expect(retryAfterMs).toBeGreaterThan(3_590_000);
      expect(retryAfterMs).toBeLessThan(3_601_000);
    }
    expect(await failing(429, { code: 429 }, { "X-RateLimit-Type": "QPS" })).toMatchObject({
      code: "QPS",
      retryAfterMs: 1000,
    });
    expect(await failing(429, { code: 429 }, { "Retry-After": "soon" })).toMatchObject({
      code: "429",
      retryAfterMs: undefined,
    });
  });

  it("does not take another shape for an answer", async () => {
    for (const body of ["<html>", { meetings: Array(5).fill({ uuid: "no number" }) }, { meetings: {} }, []])
      expect(await failing(200, body)).toMatchObject({ kind: "garbled" });
    answer = { status: 201, body: { ...MEETING, join_url: "javascript:alert(1)" } };
    await expect(zoom.createMeeting(access, PLAN)).rejects.toMatchObject({ kind: "garbled" });
    answer = { status: 201, body: { ...MEETING, join_url: undefined } };
    await expect(zoom.createMeeting(access, PLAN)).rejects.toMatchObject({ kind: "garbled" });
  });

  // Seen red without: readRows.
  it("leaves out a row that it cannot read, and reads the others of the page", async () => {
    answer = { status: 200, body: { meetings: [{ uuid: "no number" }, MEETING, { ...MEETING, join_url: "odd" }] } };
    expect((await zoom.listMeetings(access)).meetings).toMatchObject([{ id: String(MEETING.id) }]);
    const person = { id: "1", name: "Rowan F", join_time: "2026-11-20T16:01:00Z", leave_time: "" };
    answer = { status: 200, body: { participants: [{ ...person, join_time: "soon" }, person] } };
    expect(await zoom.listPastParticipants(access, "x")).toMatchObject({ people: [{ name: "Rowan F" }] });
    answer = { status: 200, body: { participants: [{ ...person, join_time: "soon" }] } };
    expect(await zoom.listPastParticipants(access, "x")).toMatchObject({ people: [] });
  });

  it("makes and changes a host's meetings no more often than Zoom allows in a day, without asking", async () => {
    const busy = accessOf({ userId: "host-1" });
    answer = { status: 204, body: "" };
    for (let made = 0; made < 70; made += 1) await zoom.patchMeeting({ ...busy, accountId: busy.accountId }, "1", PLAN);
    const error = await zoom.patchMeeting(busy, "1", PLAN).catch((thrown: unknown) => thrown);
    // Seen red without: the turn of a host's writes.
    expect(error).toMatchObject({ kind: "throttled" });
    expect(seen).toHaveLength(70);
  });
});

it("takes a link to a meeting for one at Zoom alone, unless we speak to a stand-in", () => {
  const real = "https://api.zoom.us/v2";
  for (const link of ["https://zoom.us/j/1", "https://us02web.zoom.us/j/1?pwd=x", "https://firm.zoomgov.com/j/1"])
    expect([link, zoom.mayBeFollowed(link, real)]).toEqual([link, true]);
  // Seen red without: the list of hosts
  for (const link of [
    "https://evil.example/j/1",
    "https://zoom.us.evil.example/",
    "https://notzoom.us/",
    "https://zoom.us@evil.example/",
  ])
    expect([link, zoom.mayBeFollowed(link, real)]).toEqual([link, false]);
  expect(zoom.mayBeFollowed("http://127.0.0.1:4000/j/1", "http://127.0.0.1:4000/zoom/v2")).toBe(true);
});
