import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import * as acuity from "@/lib/integrations/acuity";
import { readAppointment } from "@/lib/integrations/acuity-appointment";
import { isSignedByAcuity } from "@/lib/integrations/acuity-webhook";

/** What a call sent, and what it gets back. */
type Seen = { method: string; path: string; headers: IncomingHttpHeaders; body: string };
const seen: Seen[] = [];
let answer: { status: number; body: unknown; headers?: Record<string, string> } = { status: 200, body: {} };

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    const { method = "", url: path = "", headers } = req;
    seen.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
    const { status, body } = answer;
    res.writeHead(status, { "content-type": "application/json", ...answer.headers });
    res.end(status === 204 ? undefined : typeof body === "string" ? body : JSON.stringify(body));
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
process.env.ACUITY_BASE_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

afterEach(() => {
  seen.length = 0;
  answer = { status: 200, body: {} };
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const access = {
  authorization: "Basic MTAwMDE6a2V5",
  accountId: "10001",
  settings: { timeZone: "America/Denver" },
};

/** As the documentation shows one: numbers as texts, an offset without a colon. */
const PRINTED = {
  id: 54321,
  firstName: "Rowan",
  lastName: "Fictus",
  phone: "(512) 555-0142",
  email: "rowan@example.com",
  date: "November 25, 2026",
  time: "10:00am",
  endTime: "11:00am",
  dateCreated: "November 20, 2026",
  datetimeCreated: "2026-11-20T09:30:00-0600",
  datetime: "2026-11-25T10:00:00-0800",
  price: "50.10",
  paid: "yes",
  amountPaid: "50.10",
  type: "Case review",
  appointmentTypeID: 502,
  classID: null,
  category: "",
  duration: "60",
  calendar: "Dana Counsel",
  calendarID: 71,
  canClientCancel: true,
  canClientReschedule: true,
  location: "Join at https://us02web.zoom.us/j/98765?pwd=x",
  certificate: null,
  confirmationPage: "https://acuityscheduling.com/x",
  formsText: "",
  notes: "Prefers mornings",
  noShow: false,
  canceled: false,
  timezone: "America/Chicago",
  forms: [{ id: 1, name: "Case", values: [{ id: 2, fieldID: 3, name: "Court date", value: "December 1" }] }],
  labels: [{ id: 1, name: "New", color: "red" }],
  somethingNew: { of: "next year" },
};

const HOOK = { id: 12, event: "appointment.changed", target: "https://arrestra.example/x", status: "active" };

describe("every call", () => {
  it.each([
    ["identify", () => acuity.identify(access), { id: 10001 }, "GET", "/api/v1/me", ""],
    [
      "listAppointments",
      () => acuity.listAppointments(access, { minDate: "2026-11-01", maxDate: "2026-11-14" }),
      [],
      "GET",
      "/api/v1/appointments?minDate=2026-11-01&maxDate=2026-11-14&max=100&direction=ASC&showall=true",
      "",
    ],
    [
      "listAppointments, latest first",
      () =>
        acuity.listAppointments(access, { minDate: "2026-11-01", maxDate: "2026-11-01", max: 1000, direction: "DESC" }),
      [],
      "GET",
      "/api/v1/appointments?minDate=2026-11-01&maxDate=2026-11-01&max=1000&direction=DESC&showall=true",
      "",
    ],
    ["getAppointment", () => acuity.getAppointment(access, "54321"), PRINTED, "GET", "/api/v1/appointments/54321", ""],
    [
      "cancelAppointment",
      () => acuity.cancelAppointment(access, "54321"),
      PRINTED,
      "PUT",
      "/api/v1/appointments/54321/cancel",
      "{}",
    ],
    [
      "cancelAppointment, nobody came",
      () => acuity.cancelAppointment(access, "54321", { isNoShow: true, note: "Did not call" }),
      PRINTED,
      "PUT",
      "/api/v1/appointments/54321/cancel",
      '{"cancelNote":"Did not call","noShow":true}',
    ],
    [
      // Without an offset Acuity reads a time on the account's clocks.
      "rescheduleAppointment",
      () => acuity.rescheduleAppointment(access, "54321", new Date("2026-11-26T16:00:00.000Z")),
      PRINTED,
      "PUT",
      "/api/v1/appointments/54321/reschedule",
      '{"datetime":"2026-11-26T16:00:00+0000"}',
    ],
    ["listWebhooks", () => acuity.listWebhooks(access), [HOOK], "GET", "/api/v1/webhooks", ""],
    [
      "createWebhook",
      () => acuity.createWebhook(access, "appointment.changed", "https://arrestra.example/x"),
      HOOK,
      "POST",
      "/api/v1/webhooks",
      '{"event":"appointment.changed","target":"https://arrestra.example/x"}',
    ],
    ["deleteWebhook", () => acuity.deleteWebhook(access, "12"), "", "DELETE", "/api/v1/webhooks/12", ""],
  ] as const)("sends %s exactly so", async (_, call, reply, method, path, body) => {
    answer = { status: method === "DELETE" ? 204 : 200, body: reply };
    await call();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method, path, body });
    expect(seen[0]?.headers.authorization).toBe("Basic MTAwMDE6a2V5");
    expect(seen[0]?.headers.accept).toBe("application/json");
    expect(seen[0]?.headers["content-type"]).toBe(body === "" ? undefined : "application/json");
  });

  it("says whose account it is, and in which zone its days are counted", async () => {
    answer = {
      status: 200,
      body: { id: 10001, email: "desk@smithlaw.example", timezone: "America/Chicago", plan: "x" },
    };
    expect(await acuity.identify(access)).toEqual({
      accountId: "10001",
      label: "desk@smithlaw.example",
      settings: { timeZone: "America/Chicago" },
    });
  });

  it("keeps at most one burst of calls to a vendor that counts by address", async () => {
    answer = { status: 200, body: [] };
    const began = performance.now();
    await Promise.all(Array.from({ length: 10 }, () => acuity.listWebhooks(access)));
    // Seen red without: takeTurn
    expect(performance.now() - began).toBeGreaterThan(700);
  });
});

describe("every error", () => {
  const refusal = (status: number, error: string) => ({
    status,
    body: { status_code: status, message: "About rowan@example.com", error },
  });
  const get = () => acuity.getAppointment(access, "54321");
  const move = () => acuity.rescheduleAppointment(access, "54321", new Date());

  it.each([
    [refusal(400, "not_available"), { kind: "rejected", status: 400, code: "not_available" }],
    [
      refusal(400, "not_available_min_hours_in_advance"),
      { kind: "rejected", code: "not_available_min_hours_in_advance" },
    ],
    [
      refusal(400, "not_available_max_days_in_advance"),
      { kind: "rejected", code: "not_available_max_days_in_advance" },
    ],
    [refusal(400, "reschedule_too_close"), { kind: "rejected", code: "reschedule_too_close" }],
    [refusal(400, "reschedule_not_allowed"), { kind: "rejected", code: "reschedule_not_allowed" }],
    [refusal(400, "required_first_name"), { kind: "rejected", code: "required_first_name" }],
    [refusal(400, "invalid_datetime"), { kind: "rejected", code: "invalid_datetime" }],
    [refusal(401, "unauthorized"), { kind: "rejected", status: 401, code: "unauthorized" }],
    [refusal(403, "forbidden"), { kind: "rejected", status: 403 }],
    [refusal(404, "not_found"), { kind: "rejected", status: 404, code: "not_found" }],
    [
      { ...refusal(429, "too_many_requests"), headers: { "retry-after": "7" } },
      { kind: "throttled", retryAfterMs: 7000 },
    ],
    [refusal(500, "error"), { kind: "unavailable", status: 500 }],
    [
      { status: 503, body: "<h1>Maintenance</h1>" },
      { kind: "unavailable", status: 503, code: undefined },
    ],
    [
      { status: 400, body: "Expected a JSON object." },
      { kind: "rejected", status: 400, code: undefined },
    ],
    [
      { status: 302, body: "", headers: { location: "http://127.0.0.1:9/elsewhere" } },
      { kind: "rejected", status: 302 },
    ],
  ])("%j is %j", async (reply, expected) => {
    answer = reply;
    const error = await move().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "VendorError", vendor: "acuity", ...expected });
    // What Acuity says may quote a person.
    expect(JSON.stringify([(error as Error).message, error])).not.toContain("rowan@example.com");
    expect(seen).toHaveLength(1);
  });

  it("takes an appointment for gone only when Acuity says so in its own words", async () => {
    answer = refusal(404, "not_found");
    expect(await get()).toBeNull();
    expect(await acuity.deleteWebhook(access, "12")).toBeUndefined();
    // Seen red without: the status_code of the body. A page of a proxy would cancel every consultation.
    answer = { status: 404, body: "<h1>Not Found</h1>" };
    await expect(get()).rejects.toMatchObject({ kind: "garbled", status: 404 });
  });

  it.each([
    ["no JSON", "<html>"],
    ["no appointment", { id: "x" }],
    ["a time without an offset", { ...PRINTED, datetime: "2026-11-25T10:00:00" }],
    ["a length that is none", { ...PRINTED, duration: "an hour" }],
  ])("calls %s garbled", async (_, body) => {
    answer = { status: 200, body };
    await expect(get()).rejects.toMatchObject({ kind: "garbled" });
  });
});

describe("an appointment", () => {
  it("is read to plain values", () => {
    expect(readAppointment(PRINTED, "America/Denver")).toEqual({
      id: "54321",
      isCanceled: false,
      isNoShow: false,
      startsAt: new Date("2026-11-25T18:00:00Z"),
      endsAt: new Date("2026-11-25T19:00:00Z"),
      timeZone: "America/Chicago",
      kind: "Case review",
      calendarName: "Dana Counsel",
      location: "Join at https://us02web.zoom.us/j/98765?pwd=x",
      joinUrl: "https://us02web.zoom.us/j/98765?pwd=x",
      priceCents: 5010,
      isPaid: true,
      notes: "Prefers mornings\nCourt date: December 1",
      bookedAt: new Date("2026-11-20T15:30:00Z"),
      person: { firstName: "Rowan", lastName: "Fictus", email: "rowan@example.com", phone: "(512) 555-0142" },
    });
  });

  it.each([
    [{ datetime: "2026-11-25T10:00:00+0530" }, { startsAt: new Date("2026-11-25T04:30:00Z") }],
    [{ datetime: "2026-11-25T10:00:00-08:00" }, { startsAt: new Date("2026-11-25T18:00:00Z") }],
    [{ duration: 30 }, { endsAt: new Date("2026-11-25T18:30:00Z") }],
    [{ id: "54321" }, { id: "54321" }],
    [{ timezone: "" }, { timeZone: "America/Denver" }],
    [{ timezone: "Mars/Base" }, { timeZone: "America/Denver" }],
    [{ price: "0.00" }, { priceCents: 0 }],
    [{ price: "1234.56" }, { priceCents: 123456 }],
    [{ price: 19.99 }, { priceCents: 1999 }],
    [{ price: "" }, { priceCents: null }],
    [{ paid: "no" }, { isPaid: false }],
    [
      { canceled: "true", noShow: 1 },
      { isCanceled: true, isNoShow: true },
    ],
    [{ email: "", phone: null }, { person: expect.objectContaining({ email: null, phone: null }) }],
    [{ location: "" }, { location: null, joinUrl: null }],
    [{ location: "12 Main St" }, { joinUrl: null }],
    [{ location: "http://zoom.us/j/1" }, { joinUrl: null }],
    // Seen red without: the anchored list of hosts
    [{ location: "https://zoom.us.evil.example/j/1" }, { joinUrl: null }],
    [{ location: "https://zoom.us@evil.example/j/1" }, { joinUrl: null }],
    [{ location: "https://evilzoom.us/j/1" }, { joinUrl: null }],
    [{ location: "https://meet.google.com/abc-defg-hij" }, { joinUrl: "https://meet.google.com/abc-defg-hij" }],
    [{ location: "https://teams.microsoft.com/l/x" }, { joinUrl: "https://teams.microsoft.com/l/x" }],
    // Seen red with: the answers of the form among the places
    [
      { location: "", forms: [{ values: [{ name: "Meeting", value: "https://zoom.us/j/666" }] }] },
      { joinUrl: null, notes: expect.stringContaining("https://zoom.us/j/666") },
    ],
    [{ location: "", notes: "https://zoom.us/j/666" }, { joinUrl: null }],
    [{ datetimeCreated: undefined }, { bookedAt: new Date("2026-11-20T00:00:00Z") }],
  ])("with %j has %j", (change, expected) => {
    expect(readAppointment({ ...PRINTED, ...change }, "America/Denver")).toMatchObject(expected);
  });
});

describe("a list of appointments", () => {
  const list = () => acuity.listAppointments(access, { minDate: "2026-11-01", maxDate: "2026-11-14" });

  it("leaves out what makes no sense, counts it, and has its id where it has one", async () => {
    answer.body = [{ ...PRINTED, id: 1, duration: "all day" }, { hello: "there" }, PRINTED];
    const { appointments, rows, unread } = await list();
    expect([appointments.map(({ id }) => id), rows, unread]).toEqual([["54321"], 3, ["1"]]);
  });

  // Seen red without: SHAPE_ROWS
  it("of which nothing can be read, when it is long, has another shape", async () => {
    answer.body = Array.from({ length: 10 }, (_, index) => ({ ...PRINTED, id: index, datetime: "soon" }));
    await expect(list()).rejects.toMatchObject({ kind: "garbled" });
  });
});

describe("a signature", () => {
  const raw = Buffer.from("action=appointment.changed&id=1&calendarID=2&appointmentTypeID=3");
  const sign = (key: string, bytes = raw) => createHmac("sha256", key).update(bytes).digest("base64");

  it("is that of one of the keys over the very bytes", () => {
    expect(isSignedByAcuity(raw, sign("key"), ["key"])).toBe(true);
    expect(isSignedByAcuity(raw, sign("key"), ["other", "key"])).toBe(true);
    // From `openssl dgst -sha256 -hmac secret -binary | base64`, so that both ends being wrong alike is noticed.
    const known = "gOYlt34/+Ycfby0atkJsMOggvxgnaoYtAmM5YPRLfN8=";
    expect(isSignedByAcuity(Buffer.from("id=1"), known, ["secret"])).toBe(true);
  });

  it.each([
    ["of another key", sign("other"), ["key"]],
    ["over other bytes", sign("key", Buffer.from("id=2")), ["key"]],
    ["in hex", createHmac("sha256", "key").update(raw).digest("hex"), ["key"]],
    ["cut short", sign("key").slice(0, -1), ["key"]],
    ["with more behind it", `${sign("key")}=`, ["key"]],
    ["of letters of two bytes", "é".repeat(22), ["key"]],
    ["that is empty", "", ["key"]],
    ["that is missing", null, ["key"]],
    ["of an empty key", sign(""), [""]],
    ["without any key", sign("key"), []],
  ])("%s is refused", (_, signature, keys) => {
    expect(isSignedByAcuity(raw, signature, keys)).toBe(false);
  });
});
