import { afterEach, describe, expect, it, vi } from "vitest";
import { newId } from "@/lib/core/ids";
import { sha256 } from "@/lib/core/secret";
import { lookAtBooking } from "@/lib/domain/sync/acuity/look-at-booking";
import { ACUITY_ACCOUNTS, type Account } from "../../sandbox/acuity/world";
import { asOwner } from "../setup/firms";
import {
  doLooks,
  hook,
  inHours,
  type Office,
  openOffice,
  PERSON,
  rowsOf,
  sandbox,
  signed,
  stateOf,
  takeLooks,
  world,
} from "./acuity-office";

const [smith, riverbend] = ACUITY_ACCOUNTS as [Account, Account];
const bodyOf = (action = "appointment.changed", id: number | string = 800_001) =>
  `action=${action}&id=${id}&calendarID=71&appointmentTypeID=501`;
const stored = (office: Office) => rowsOf(office, "SELECT * FROM webhook_delivery");

afterEach(() => vi.restoreAllMocks());

describe("a genuine webhook", () => {
  it("is taken with and without the prefix, for each kind, and asks nothing of Acuity", async () => {
    const office = await openOffice();
    const before = sandbox.log.totals("acuity").requests;
    const actions = ["scheduled", "rescheduled", "canceled", "changed"].flatMap((name) => [
      name,
      `appointment.${name}`,
    ]);
    for (const [index, action] of actions.entries()) {
      const body = bodyOf(action, 800_100 + index);
      const reply = await hook(office.connectionId, body, signed(body, smith.apiKey));
      expect([reply.status, reply.text]).toEqual([200, "{}"]);
    }
    expect((await takeLooks(office)).map(({ sourceId }) => sourceId).toSorted()).toEqual(
      actions.map((_, index) => String(800_100 + index)),
    );
    expect(sandbox.log.totals("acuity").requests).toBe(before);
  });

  it.each(["order.completed", "appointment.teleported", ""])(
    "of the kind %j is answered and thrown away",
    async (action) => {
      const office = await openOffice();
      const body = bodyOf(action);
      expect((await hook(office.connectionId, body, signed(body, smith.apiKey))).status).toBe(200);
      expect(await stored(office)).toEqual([]);
    },
  );

  it.each(["", "1 OR 1=1", "../me", "123456789012345678901", "-1"])("that names %j is thrown away", async (id) => {
    const office = await openOffice();
    const body = bodyOf("appointment.changed", encodeURIComponent(id));
    expect((await hook(office.connectionId, body, signed(body, smith.apiKey))).status).toBe(200);
    expect(await takeLooks(office)).toEqual([]);
  });

  it("of an account that was connected by an app is proven with either secret that may sign", async () => {
    const office = await openOffice(smith, { mode: "oauth" });
    for (const [index, key] of ["captured-from-a-delivery", "sandbox-acuity-secret"].entries()) {
      const body = bodyOf("changed", 800_200 + index);
      expect((await hook(office.connectionId, body, signed(body, key))).status).toBe(200);
    }
    const body = bodyOf();
    // The key of the account signs for whoever handed it to us, and for nobody else.
    expect((await hook(office.connectionId, body, signed(body, smith.apiKey))).status).toBe(401);
    expect(await takeLooks(office)).toHaveLength(2);
    // The stand-in signs with the client's secret.
    world.book(smith, { ...PERSON, startsAt: inHours(24) });
    await world.webhooks.settled();
    expect(world.webhooks.sent.map(({ status }) => status)).toEqual([200]);
  });

  it("of a firm that is suspended is taken and thrown away, so that Acuity does not switch it off", async () => {
    const office = await openOffice();
    await asOwner(office.firm.id, (client) =>
      client.query("UPDATE tenant SET status = 'suspended' WHERE id = $1", [office.firm.id]),
    );
    const body = bodyOf();
    expect((await hook(office.connectionId, body, signed(body, smith.apiKey))).status).toBe(200);
    expect((await hook(office.connectionId, body, signed(body, "another key"))).status).toBe(401);
    expect(await stored(office)).toEqual([]);
  });
});

describe("a forged webhook", () => {
  // Seen red without: the check of the signature
  it.each([
    ["without a signature", {}],
    ["with an empty one", { "x-acuity-signature": "" }],
    ["signed with a key of somebody's own", signed(bodyOf(), "guess")],
    ["signed for another body", signed(bodyOf("changed", 1), smith.apiKey)],
    ["signed with the secret of an app", signed(bodyOf(), "sandbox-acuity-secret")],
    ["signed with another firm's key", signed(bodyOf(), riverbend.apiKey)],
  ])("%s is refused, and nothing is stored", async (_, headers) => {
    const office = await openOffice();
    expect((await hook(office.connectionId, bodyOf(), headers)).status).toBe(401);
    expect(await stored(office)).toEqual([]);
    expect(await takeLooks(office)).toEqual([]);
  });

  it("to another firm's address is refused, and to nobody's is not found", async () => {
    const [ours, theirs] = [await openOffice(smith), await openOffice(riverbend)];
    const body = bodyOf();
    expect((await hook(theirs.connectionId, body, signed(body, smith.apiKey))).status).toBe(401);
    expect((await hook(newId(), body, signed(body, smith.apiKey))).status).toBe(404);
    expect((await hook("x", body, signed(body, smith.apiKey))).status).toBe(404);
    expect([...(await stored(ours)), ...(await stored(theirs))]).toEqual([]);
  });

  it("that is large is not read to its end", async () => {
    const office = await openOffice();
    const body = bodyOf("changed", `1&x=${"y".repeat(17_000)}`);
    expect((await hook(office.connectionId, body, signed(body, smith.apiKey))).status).toBe(413);
    expect(await stored(office)).toEqual([]);
  });
});

describe("the same webhook again", () => {
  it("asks for one look while that has not begun, and later for one that changes nothing", async () => {
    const office = await openOffice();
    world.webhooks.times = 3;
    const { id } = world.book(smith, { ...PERSON, startsAt: inHours(24) });
    await world.webhooks.settled();
    // Seen red without: the one row per appointment
    expect(await doLooks(office)).toBe(1);
    const events = "SELECT type FROM event WHERE type <> 'sync.fetched' ORDER BY id";
    const before = [
      await stateOf(office),
      await rowsOf(office, events),
      await rowsOf(office, "SELECT version FROM consultation"),
    ];

    const [first] = world.webhooks.sent;
    for (let times = 0; times < 5; times += 1) await world.webhooks.replay(first?.id ?? 0);
    expect(await doLooks(office)).toBe(1);
    expect([
      await stateOf(office),
      await rowsOf(office, events),
      await rowsOf(office, "SELECT version FROM consultation"),
    ]).toEqual(before);
    expect(await stored(office)).toMatchObject([{ delivery_key: `${office.connectionId}:appointment:${id}` }]);
  });

  it("that comes while a look is under way is followed by another look", async () => {
    const office = await openOffice();
    const booked = world.book(smith, { ...PERSON, startsAt: inHours(24) });
    await world.webhooks.settled();
    const [look] = await takeLooks(office);
    sandbox.acuity.faults.add({ kind: "slow", count: 1, delayMs: 500, path: "/appointments/" });
    const looking = lookAtBooking(office.ctx, look as { connectionId: string; sourceId: string });
    await vi.waitFor(() => expect(sandbox.log.totals("acuity").inFlight).toBe(1), { interval: 5 });
    world.cancel(booked);
    await world.webhooks.settled();
    // Seen red without: closing the hint before the look, in the transaction that begins it
    expect(await takeLooks(office)).toEqual([look]);
    await looking;
  });

  it("at once from several sides asks for one look", async () => {
    const office = await openOffice();
    const body = bodyOf();
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => hook(office.connectionId, body, signed(body, smith.apiKey))),
    );
    expect(replies.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await takeLooks(office)).toHaveLength(1);
  });
});

it("is tried again by Acuity when the fault is ours", async () => {
  const office = await openOffice();
  await asOwner(office.firm.id, (client) => client.query("ALTER TABLE webhook_delivery RENAME TO away"));
  world.book(smith, { ...PERSON, startsAt: inHours(24) });
  await world.webhooks.settled();
  await asOwner(office.firm.id, (client) => client.query("ALTER TABLE away RENAME TO webhook_delivery"));
  expect(world.webhooks.sent.at(-1)?.status).toBeGreaterThanOrEqual(500);
  await world.webhooks.retry();
  expect(world.webhooks.sent.at(-1)?.status).toBe(200);
  expect(await takeLooks(office)).toHaveLength(1);
});

it("that is one of too many is answered, and everything is compared instead, once a minute", async () => {
  const office = await openOffice();
  await asOwner(office.firm.id, (client) =>
    client.query("INSERT INTO rate_limit (key, points, expire) VALUES ($1, 300, $2)", [
      `webhook.connection:${sha256(office.connectionId)}`,
      Date.now() + 60_000,
    ]),
  );
  const { firm, connectionId } = office;
  await asOwner(firm.id, (client) =>
    client.query(
      "INSERT INTO sync_cursor (tenant_id, id, connection_id, resource, next_run_at) VALUES ($1, $2, $3, 'appointments', $4)",
      [firm.id, newId(), connectionId, inHours(4)],
    ),
  );
  for (const id of [1, 2]) {
    const body = bodyOf("changed", 800_300 + id);
    expect((await hook(connectionId, body, signed(body, smith.apiKey))).status).toBe(200);
  }
  // Seen red without: the limit per connection
  expect(await stored(office)).toEqual([]);
  const jobs = `SELECT 1 FROM pgboss.job WHERE name = 'sync.run' AND data->>'tenantId' = '${firm.id}'`;
  expect(await rowsOf(office, jobs)).toHaveLength(1);
});

it("that names what Acuity does not know leaves no look behind", async () => {
  const office = await openOffice();
  const body = bodyOf("changed", 999_999_001);
  await hook(office.connectionId, body, signed(body, smith.apiKey));
  expect(await doLooks(office)).toBe(1);
  // Seen red without: endLook
  expect(await rowsOf(office, "SELECT * FROM booking_look")).toEqual([]);
});

it("that proves nothing is counted by its address, and a right one from there is not", async () => {
  const office = await openOffice();
  const from = { "x-forwarded-for": "198.51.100.77" };
  await asOwner(office.firm.id, (client) =>
    client.query("INSERT INTO rate_limit (key, points, expire) VALUES ($1, 600, $2)", [
      `webhook-failed.address:${sha256(from["x-forwarded-for"])}`,
      Date.now() + 60_000,
    ]),
  );
  const body = bodyOf("changed", 800_400);
  // Seen red without: the limit of what proves nothing
  expect((await hook(office.connectionId, body, { ...signed(body, "guess"), ...from })).status).toBe(429);
  expect((await hook(newId(), body, from)).status).toBe(429);
  expect((await hook(office.connectionId, body, { ...signed(body, smith.apiKey), ...from })).status).toBe(200);
});
