import { createHash } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { CONNECTORS } from "@/lib/core/connectors";
import { startSandbox } from "../../sandbox/server";
import { call, control, type Reply } from "../sandbox/calls";

const NOW = "2026-11-22T15:00:00.000Z";
const clock = fixedClock(NOW);
const sandbox = await startSandbox({ env: "test", clock });
const world = sandbox.google.world;
afterEach(() => {
  sandbox.reset();
  clock.set(NOW);
});
afterAll(() => sandbox.close());

const OFFICE = "office@smithlaw.example";
const VERIFIER = "v".repeat(50);
const REDIRECT = "http://localhost:3000/connect/google";
const form = { "Content-Type": "application/x-www-form-urlencoded" };

/** Says yes as a person would, and trades the code; gives the reply of the token endpoint. */
async function allow(extra: Record<string, string> = {}, verifier = VERIFIER): Promise<Reply> {
  const asked = new URLSearchParams({
    client_id: "arrestra-sandbox",
    redirect_uri: REDIRECT,
    response_type: "code",
    scope: CONNECTORS.google.scopes.map(({ scope }) => scope).join(" "),
    state: "s",
    code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
    code_challenge_method: "S256",
    ...extra,
    decision: "allow",
  });
  const yes = await call(`${sandbox.google.url}/o/oauth2/v2/auth`, {
    method: "POST",
    headers: form,
    body: asked.toString(),
  });
  const code = new URL(String(yes.headers.location)).searchParams.get("code") ?? "";
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: "arrestra-sandbox",
    client_secret: "sandbox-google-secret",
    redirect_uri: REDIRECT,
    code,
    code_verifier: verifier,
  });
  return call(`${sandbox.google.url}/token`, { method: "POST", headers: form, body: body.toString() });
}

const json = <T = Record<string, unknown>>({ body }: Reply): T => JSON.parse(body) as T;
const bearer = () => {
  const grant = world.oauth.grants.open({ accountId: OFFICE, clientId: "arrestra-sandbox", scopes: [] });
  return `Bearer ${world.oauth.grants.accessToken(grant, Number.POSITIVE_INFINITY, null)}`;
};
const api = (
  path: string,
  authorization: string,
  { method = "GET", body, headers = {} }: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
) =>
  call(`${sandbox.google.url}/calendar/v3${path}`, {
    method,
    headers: {
      Authorization: authorization,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
const EVENTS = "/calendars/primary/events";
const at = (hour: number) => ({
  start: { dateTime: `2026-11-23T${hour}:00:00Z` },
  end: { dateTime: `2026-11-23T${hour}:30:00Z` },
});
const reasonOf = (reply: Reply) => [
  reply.status,
  json<{ error: { errors: { reason: string }[] } }>(reply).error.errors[0]?.reason,
];

describe("the way in", () => {
  it("gives a refresh token only for offline access with consent, and checks the verifier", async () => {
    expect(json(await allow())).not.toHaveProperty("refresh_token");
    expect(json(await allow({ access_type: "offline" }))).not.toHaveProperty("refresh_token");
    const tokens = json<{ access_token: string }>(await allow({ access_type: "offline", prompt: "consent" }));
    expect(tokens).toMatchObject({ refresh_token: expect.any(String), expires_in: 3600, token_type: "Bearer" });
    expect((await allow({}, "another".repeat(8))).status).toBe(400);
    const primary = await api("/users/me/calendarList/primary", `Bearer ${tokens.access_token}`);
    expect(json(primary)).toMatchObject({ id: OFFICE, primary: true });
    clock.advance(3_600_000);
    expect(reasonOf(await api(EVENTS, `Bearer ${tokens.access_token}`))).toEqual([401, "authError"]);
  });

  it("shows an account its own calendars alone", async () => {
    const list = json<{ items: { id: string }[] }>(await api("/users/me/calendarList", bearer()));
    expect(list.items.map(({ id }) => id)).toEqual([OFFICE, "consultations-office@group.calendar.example"]);
    expect((await api("/calendars/team@riverbend.example/events", bearer())).status).toBe(404);
  });
});

describe("events", () => {
  it("have ids that are never free again, and etags that must fit", async () => {
    const token = bearer();
    const body = { id: "abc12", ...at(15) };
    const made = json<{ etag: string }>(await api(EVENTS, token, { method: "POST", body }));
    expect(reasonOf(await api(EVENTS, token, { method: "POST", body }))).toEqual([409, "duplicate"]);
    const patch = (etag: string) =>
      api(`${EVENTS}/abc12`, token, { method: "PATCH", body: { summary: "x" }, headers: { "If-Match": etag } });
    expect(reasonOf(await patch('"old"'))).toEqual([412, "conditionNotMet"]);
    expect((await patch(made.etag)).status).toBe(200);
    expect((await api(`${EVENTS}/abc12`, token, { method: "DELETE" })).status).toBe(204);
    expect(reasonOf(await api(`${EVENTS}/abc12`, token, { method: "DELETE" }))).toEqual([410, "deleted"]);
    expect(json(await api(`${EVENTS}/abc12`, token))).toMatchObject({ status: "cancelled" });
    expect(reasonOf(await api(EVENTS, token, { method: "POST", body }))).toEqual([409, "duplicate"]);
  });

  it.each([
    [{ id: "UPPER", ...at(15) }],
    [{ id: "abc12", iCalUID: "x@y", ...at(15) }],
    [{ ...at(15), end: undefined }],
    [{ start: { date: "2026-11-23" }, end: at(15).end }],
    [{ start: { ...at(15).start, timeZone: "Mars/Olympus" }, end: at(15).end }],
    [{ start: at(16).start, end: at(15).end }],
  ])("are refused when they are %j", async (body) => {
    expect((await api(EVENTS, bearer(), { method: "POST", body })).status).toBe(400);
  });
});

describe("lists", () => {
  it("have the sync token on the last page, show a deleted event by its id alone, and end on demand", async () => {
    const token = bearer();
    world.pageSize = 2;
    for (const hour of [10, 11, 12]) world.insert(world.calendar(), { id: `event${hour}`, ...at(hour) });
    const first = json<{ nextPageToken: string }>(await api(`${EVENTS}?singleEvents=true`, token));
    expect(first).not.toHaveProperty("nextSyncToken");
    const last = json<{ nextSyncToken: string }>(
      await api(`${EVENTS}?singleEvents=true&pageToken=${first.nextPageToken}`, token),
    );
    expect(last).not.toHaveProperty("nextPageToken");
    world.remove(world.calendar(), "event11");
    const sync = `${EVENTS}?singleEvents=true&syncToken=${last.nextSyncToken}`;
    expect(json<{ items: unknown[] }>(await api(sync, token)).items).toEqual([
      { kind: "calendar#event", id: "event11", status: "cancelled" },
    ]);
    // The same question, or none.
    expect((await api(`${EVENTS}?syncToken=${last.nextSyncToken}`, token)).status).toBe(400);
    for (const filter of "iCalUID orderBy privateExtendedProperty sharedExtendedProperty q timeMin timeMax updatedMin".split(
      " ",
    ))
      expect(reasonOf(await api(`${sync}&${filter}=x`, token))).toEqual([400, "badRequest"]);
    expect((await api(`${sync}&showDeleted=false`, token)).status).toBe(400);
    await control(sandbox.url, "/google/expire-sync-tokens", {});
    expect(reasonOf(await api(sync, token))).toEqual([410, "fullSyncRequired"]);
  });

  it("keep the reading of the clock for a series, when clocks change too", async () => {
    const start = { dateTime: "2027-03-13T15:00:00Z", timeZone: "America/Chicago" };
    const end = { dateTime: "2027-03-13T16:00:00Z", timeZone: "America/Chicago" };
    world.insert(world.calendar(), { id: "dailies", start, end, recurrence: ["RRULE:FREQ=DAILY;COUNT=2"] });
    const { items } = json<{ items: { id: string; start: { dateTime: string } }[] }>(
      await api(`${EVENTS}?singleEvents=true`, bearer()),
    );
    expect(items.map((item) => item.start.dateTime)).toEqual(["2027-03-13T15:00:00.000Z", "2027-03-14T14:00:00.000Z"]);
    expect(items[1]?.id).toBe("dailies_20270314T140000Z");
  });
});

describe("channels and limits", () => {
  it("go to this machine alone, end on demand, and can be stopped once", async () => {
    const token = bearer();
    const watch = (address: string, id = "c1") =>
      api(`${EVENTS}/watch`, token, { method: "POST", body: { id, type: "web_hook", address, token: "t" } });
    expect((await watch("https://elsewhere.example/hook")).status).toBe(400);
    expect((await watch("http://169.254.169.254/hook")).status).toBe(400);
    const channel = json<{ resourceId: string; expiration: string }>(await watch("http://127.0.0.1:9/hook"));
    expect(Number(channel.expiration) - Date.parse(NOW)).toBe(7 * 86_400_000);
    expect(reasonOf(await watch("http://127.0.0.1:9/hook"))).toEqual([400, "channelIdNotUnique"]);
    const stop = () =>
      api("/channels/stop", token, { method: "POST", body: { id: "c1", resourceId: channel.resourceId } });
    expect((await stop()).status).toBe(204);
    expect((await stop()).status).toBe(404);
    // An address that is encrypted gets nothing, and the stand-in lives on. Seen red with: node's request for any address.
    expect((await watch("https://127.0.0.1:9/hook", "encrypted")).status).toBe(200);
    await world.channels.settled();
    expect(world.channels.expireAll()).toBe(1);
    await watch("http://127.0.0.1:9/hook", "c2");
    expect(await control(sandbox.url, "/google/expire-channels", {})).toEqual({ channels: 1 });
    await world.channels.settled();
  });

  it("are refused in Google's words: by the second, by the calendar, and by chance", async () => {
    const token = bearer();
    await control(sandbox.url, "/google/usage-limit", {});
    expect(reasonOf(await api(EVENTS, token, { method: "POST", body: at(15) }))).toEqual([403, "quotaExceeded"]);
    sandbox.google.rate.set(1);
    expect((await api(EVENTS, token)).status).toBe(200);
    expect(reasonOf(await api(EVENTS, token))).toEqual([403, "rateLimitExceeded"]);
    sandbox.google.rate.set(null);
    sandbox.google.faults.add({ kind: "unavailable", count: 1 });
    expect(reasonOf(await api(EVENTS, token))).toEqual([503, "backendError"]);
  });
});

it("lets a person add, edit and delete events by hand, and shows what stands in the calendars", async () => {
  const made = await control<{ id: string }>(sandbox.url, "/google/add", { summary: "<b>Lunch</b>", ...at(18) });
  await control(sandbox.url, "/google/edit", { eventId: made.id, location: "Town" });
  const page = await call(`${sandbox.google.url}/calendar`);
  expect(page.body).toContain("&lt;b&gt;Lunch&lt;/b&gt;");
  expect(page.body).toContain(`data-event="${made.id}"`);
  await control(sandbox.url, "/google/delete", { eventId: made.id });
  expect((await call(`${sandbox.google.url}/calendar`)).body).not.toContain("Lunch");
  await expect(control(sandbox.url, "/google/delete", { eventId: made.id })).rejects.toThrow("400");
});
