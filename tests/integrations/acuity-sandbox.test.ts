import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { ACUITY_ACCOUNTS, type Account } from "../../sandbox/acuity/world";
import { startSandbox } from "../../sandbox/server";

const clock = fixedClock("2026-11-22T15:00:00Z");
const sandbox = await startSandbox({ env: "test", clock });
const { world, url } = sandbox.acuity;
const [smith] = ACUITY_ACCOUNTS as [Account];

/** A subscriber that answers as it is told. */
const got: { body: string; signature: string }[] = [];
let status = 200;
const subscriber = createServer(async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  got.push({ body: Buffer.concat(chunks).toString(), signature: String(req.headers["x-acuity-signature"]) });
  res.writeHead(status).end();
});
await new Promise<void>((resolve) => subscriber.listen(0, "127.0.0.1", resolve));
const target = `http://127.0.0.1:${(subscriber.address() as AddressInfo).port}/hook`;

afterEach(() => {
  sandbox.reset();
  got.length = 0;
  status = 200;
});
afterAll(async () => {
  subscriber.close();
  await sandbox.close();
});

const basic = `Basic ${Buffer.from(`${smith.id}:${smith.apiKey}`).toString("base64")}`;
async function api(method: string, path: string, body?: unknown, authorization = basic) {
  const reply = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, body: text === "" ? null : JSON.parse(text) };
}
async function control(path: string, body: object = {}) {
  const reply = await fetch(`${sandbox.url}/control/acuity/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: await reply.json() };
}
const post = (path: string, form: Record<string, string>) =>
  fetch(new URL(path, sandbox.url), { method: "POST", body: new URLSearchParams(form), redirect: "manual" });

it("lets somebody book on the page, move and cancel, and takes the hour from the list", async () => {
  const page = `/acuity/schedule/${smith.id}`;
  const html = await (await fetch(new URL(page, sandbox.url))).text();
  const [datetime = ""] = /(?<=<option value=")2026-[^"]+/.exec(html) ?? [];
  const person = {
    type: "501",
    datetime,
    firstName: "Rowan",
    lastName: "Fictus",
    email: "rowan@example.com",
    phone: "",
  };
  const booked = await post(page, person);
  expect(booked.status).toBe(303);
  const own = booked.headers.get("location") ?? "";
  expect(await (await fetch(new URL(own, sandbox.url))).text()).toContain("See you then.");
  expect(await (await fetch(new URL(page, sandbox.url))).text()).not.toContain(`value="${datetime}"`);
  // Somebody else was faster.
  const taken = await post(page, person);
  expect([taken.status, await taken.text()]).toEqual([400, expect.stringContaining("The time is not available.")]);
  await post(own, { do: "move", datetime: "2026-11-25T16:00:00.000Z" });
  expect(world.findByHash(own.split("/").at(-1) ?? "")?.startsAt).toEqual(new Date("2026-11-25T16:00:00Z"));
  await post(own, { do: "cancel" });
  expect(await (await fetch(new URL(own, sandbox.url))).text()).toContain("This appointment is canceled.");
  expect((await fetch(`${url}/schedule/${smith.id}/appointment/${"0".repeat(32)}`)).status).toBe(404);
});

it("prints appointments as Acuity does, by days of the account, without a cursor", async () => {
  world.book(smith, { firstName: "A", lastName: "B", startsAt: new Date("2026-11-24T05:30:00Z") });
  world.book(smith, { firstName: "C", lastName: "D", startsAt: new Date("2026-11-24T16:00:00Z"), typeId: 502 });
  const day = (await api("GET", "/appointments?minDate=2026-11-24&maxDate=2026-11-24&showall=true")).body;
  expect(day).toHaveLength(1);
  expect(day[0]).toMatchObject({
    datetime: "2026-11-24T10:00:00-0600",
    time: "10:00am",
    endTime: "11:00am",
    date: "November 24, 2026",
    duration: "60",
    price: "150.00",
    paid: "no",
    canceled: false,
  });
  const latest = (await api("GET", "/appointments?max=1")).body;
  expect(latest.map(({ firstName }: { firstName: string }) => firstName)).toEqual(["C"]);
  world.cancel(world.require(latest[0].id));
  expect((await api("GET", "/appointments")).body).toHaveLength(1);
  expect((await api("GET", "/appointments?canceled=true")).body).toHaveLength(1);
  expect((await api("GET", "/appointments?showall=true")).body).toHaveLength(2);
});

it("refuses in Acuity's words", async () => {
  const shape = (code: number, error: string) => ({
    status: code,
    body: { status_code: code, error, message: expect.any(String) },
  });
  expect(await api("GET", "/me", undefined, "Basic eDp5")).toEqual(shape(401, "unauthorized"));
  expect(await api("GET", "/me", undefined, "Bearer unknown")).toEqual(shape(401, "unauthorized"));
  expect(await api("GET", "/appointments/999")).toEqual(shape(404, "not_found"));
  const { id } = world.book(smith, { firstName: "A", lastName: "B", startsAt: new Date("2026-11-24T16:00:00Z") });
  expect(await api("PUT", `/appointments/${id}/reschedule`, "[]")).toEqual(shape(400, "bad_request"));
  expect(await api("PUT", `/appointments/${id}/reschedule`, {})).toEqual(shape(400, "required_datetime"));
  expect(await api("PUT", `/appointments/${id}/reschedule`, { datetime: "soon" })).toEqual(
    shape(400, "invalid_datetime"),
  );
  await control("refuse", { code: "reschedule_too_close" });
  const datetime = "2026-11-25T10:00:00";
  expect(await api("PUT", `/appointments/${id}/reschedule`, { datetime })).toEqual(shape(400, "reschedule_too_close"));
  // What has no offset is read on the account's clocks.
  expect((await api("PUT", `/appointments/${id}/reschedule`, { datetime })).body.datetime).toBe(`${datetime}-0600`);
});

it("takes ten calls in a second from an address", async () => {
  const statuses = await Promise.all(Array.from({ length: 14 }, () => api("GET", "/me")));
  expect(statuses.filter((reply) => reply.status === 429).length).toBeGreaterThanOrEqual(3);
});

it("has room for twenty-five webhooks, and knows whose they are", async () => {
  for (let left = 25; left > 0; left -= 1) world.webhooks.subscribe(smith.id, "appointment.changed", target, "key");
  expect((await api("POST", "/webhooks", { event: "appointment.changed", target })).body.error).toBe(
    "too_many_webhooks",
  );
  const [first] = (await api("GET", "/webhooks")).body;
  expect((await api("DELETE", `/webhooks/${first.id}`)).status).toBe(204);
  expect((await api("DELETE", `/webhooks/${first.id}`)).status).toBe(404);
  expect((await api("POST", "/webhooks", { event: "appointment.sneezed", target })).status).toBe(400);
});

it("signs what it tells, and tells `changed` beside every other event", async () => {
  await api("POST", "/webhooks", { event: "appointment.changed", target });
  await api("POST", "/webhooks", { event: "appointment.canceled", target });
  const { body: booked } = await control("book", { at: "2026-11-24T16:00:00Z" });
  await control("cancel", { id: Number(booked.id) });
  const told = got.map(({ body }) => new URLSearchParams(body).get("action"));
  expect(told.toSorted()).toEqual(["appointment.canceled", "appointment.changed", "appointment.changed"]);
  for (const { body, signature } of got)
    expect(signature).toBe(createHmac("sha256", smith.apiKey).update(body).digest("base64"));
});

it("loses, doubles, holds and reorders, and tries again only what failed", async () => {
  await api("POST", "/webhooks", { event: "appointment.changed", target });
  const book = async (at: string) => (await control("book", { at })).body.id as string;
  const ids = () => got.splice(0).map(({ body }) => new URLSearchParams(body).get("id"));
  await control("deliver", { mode: "off" });
  await book("2026-11-24T16:00:00Z");
  expect(ids()).toEqual([]);
  await control("deliver", { mode: "on", times: 2, hasPrefix: false });
  const doubled = await book("2026-11-24T17:00:00Z");
  expect(got[0]?.body).toContain("action=changed&");
  expect(ids()).toEqual([doubled, doubled]);
  await control("deliver", { mode: "hold", times: 1 });
  const [a, b] = [await book("2026-11-24T18:00:00Z"), await book("2026-11-24T19:00:00Z")];
  expect(ids()).toEqual([]);
  await control("release", { order: [1, 0, 1] });
  expect(ids()).toEqual([b, a, b]);
  await control("deliver", { mode: "on" });
  status = 401;
  await book("2026-11-24T20:00:00Z");
  status = 503;
  const failed = await book("2026-11-24T21:00:00Z");
  ids();
  status = 200;
  await control("retry");
  expect(ids()).toEqual([failed]);
  await control("forge", { target, id: 1, signature: "made up" });
  expect(got[0]?.signature).toBe("made up");
});

it("posts to this machine alone", async () => {
  const sent = await world.webhooks.forge("http://192.0.2.1/hook", 1);
  expect(sent.status).toBeNull();
  expect((await world.webhooks.forge("https://127.0.0.1/hook", 1)).status).toBeNull();
});
