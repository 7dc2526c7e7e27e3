import { describe, expect, it } from "vitest";
import { findConsultation, openJoinUrl, openNotes } from "@/lib/domain/bookings/consultation-row";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { ACUITY_SYNC } from "@/lib/domain/sync/acuity/acuity-sync";
import { listWindow } from "@/lib/domain/sync/acuity/list-window";
import { lookAtBooking } from "@/lib/domain/sync/acuity/look-at-booking";
import { plusDays } from "@/lib/domain/sync/acuity/windows";
import { runCursor } from "@/lib/domain/sync/run-cursor";
import { startSync } from "@/lib/domain/sync/start-sync";
import { withAccess } from "@/lib/domain/tenants/connections/with-access";
import { ACUITY_ACCOUNTS, type Account } from "../../sandbox/acuity/world";
import { postLead } from "../bookings/bookings-world";
import { eventsOf } from "../setup/firms";
import {
  AT,
  clock,
  connect,
  doLooks,
  eventTypes,
  inHours,
  type Office,
  openOffice,
  PERSON,
  pull,
  rowsOf,
  sandbox,
  stateOf,
  world,
} from "./acuity-office";

const [smith, riverbend] = ACUITY_ACCOUNTS as [Account, Account];
const quietOffice = (account: Account = smith) => openOffice(account, { subscribes: false });
const look = (office: Office, { id }: { id: number }) =>
  lookAtBooking(office.ctx, { connectionId: office.connectionId, sourceId: String(id) });
const asked = (from = 0) =>
  sandbox.log
    .last("acuity", 1000)
    .slice(from)
    .map(({ method, path }) => `${method} ${path}`);

describe("a look", () => {
  it("makes a consultation and its lead, and follows it when it moves, is canceled, comes back and nobody comes", async () => {
    const office = await quietOffice();
    const booked = world.book(smith, { ...PERSON, startsAt: inHours(24), typeId: 502, timeZone: "America/New_York" });
    await look(office, booked);
    expect(await stateOf(office)).toMatchObject([
      {
        state: "scheduled",
        starts_at: inHours(24),
        ends_at: inHours(25),
        time_zone: "America/New_York",
        kind: "Case review",
        price_cents: 15_000,
        is_paid: false,
        contacts: 2,
        source: "acuity",
      },
    ]);
    world.move(booked, inHours(30));
    await look(office, booked);
    expect(await stateOf(office)).toMatchObject([{ starts_at: inHours(30), state: "scheduled" }]);
    world.cancel(booked);
    await look(office, booked);
    expect(await stateOf(office)).toMatchObject([{ state: "canceled" }]);
    world.reinstate(booked);
    await look(office, booked);
    world.cancel(booked, { isNoShow: true });
    await look(office, booked);
    expect(await stateOf(office)).toMatchObject([{ state: "no_show" }]);
    expect((await eventTypes(office)).filter((type) => type.startsWith("consultation."))).toEqual([
      "consultation.booked",
      "consultation.moved",
      "consultation.canceled",
      "consultation.reinstated",
      "consultation.no_show",
    ]);
    const fetched = (await eventsOf(office.firm)).filter(({ type }) => type === "sync.fetched");
    expect(fetched).toHaveLength(5);
    expect(fetched[0]?.data).toEqual({
      connectionId: office.connectionId,
      provider: "acuity",
      resource: "appointments",
      items: 1,
      because: "webhook",
    });
  });

  it("keeps the meeting that Acuity made and the answers of the form, sealed", async () => {
    const office = await quietOffice();
    const answers = [{ name: "What is it about?", value: "A traffic stop" }];
    const booked = world.book(smith, { ...PERSON, startsAt: inHours(24), typeId: 503, answers });
    await look(office, booked);
    const [row] = await rowsOf<{ id: string }>(office, "SELECT id FROM consultation");
    const held = await inTenant(office.ctx, (tx) => findConsultation(tx, office.ctx, row?.id ?? ""));
    expect(held?.joinUrlFrom).toBe("acuity");
    expect(held && openJoinUrl(office.ctx, held)).toMatch(/^https:\/\/zoom\.us\/j\/9\d+/);
    expect(held && openNotes(office.ctx, held)).toBe("What is it about?: A traffic stop");
    expect(JSON.stringify(await rowsOf(office, "SELECT data FROM event"))).not.toMatch(/rowan|traffic|zoom\.us/i);
  });

  it("cancels what Acuity does not know any more, and makes nothing of what was never there", async () => {
    const office = await quietOffice();
    const booked = world.book(smith, { ...PERSON, startsAt: inHours(24) });
    await look(office, booked);
    world.remove(booked);
    await look(office, booked);
    expect(await stateOf(office)).toMatchObject([
      { state: "canceled", starts_at: inHours(24), kind: "Free consultation" },
    ]);
    await look(office, { id: 999 });
    expect(await stateOf(office)).toHaveLength(1);
  });

  it("of two at once lets the one that began later have the last word", async () => {
    const office = await quietOffice();
    const booked = world.book(smith, { ...PERSON, startsAt: inHours(24) });
    await look(office, booked);
    // What the first one reads is on its way while the appointment is canceled and looked at again.
    sandbox.acuity.faults.add({ kind: "slow", count: 1, delayMs: 400, path: "/appointments/" });
    const slow = look(office, booked);
    world.cancel(booked);
    await look(office, booked);
    await slow;
    expect(await stateOf(office)).toMatchObject([{ state: "canceled" }]);
  });

  it("of another account's appointment finds nothing, and through a connection that is gone does nothing", async () => {
    const [ours, theirs] = [await quietOffice(smith), await quietOffice(riverbend)];
    const booked = world.book(smith, { ...PERSON, startsAt: inHours(24) });
    await look(theirs, booked);
    const before = asked().length;
    await lookAtBooking(ours.ctx, { connectionId: theirs.connectionId, sourceId: String(booked.id) });
    expect(asked(before)).toEqual([]);
    expect([...(await stateOf(ours)), ...(await stateOf(theirs))]).toEqual([]);
  });

  it("leaves everything as it was when Acuity does not answer", async () => {
    const office = await quietOffice();
    const booked = world.book(smith, { ...PERSON, startsAt: inHours(24) });
    sandbox.acuity.faults.add({ kind: "unavailable", count: 1 });
    await expect(look(office, booked)).rejects.toMatchObject({ kind: "unavailable" });
    expect(await stateOf(office)).toEqual([]);
    await look(office, booked);
    expect(await stateOf(office)).toHaveLength(1);
  });
});

/** One day at an account: booked, moved twice, canceled, not come, changed, rebooked, deleted. */
async function scriptedDay(account: Account, told: () => Promise<unknown>) {
  const people = ["Ada", "Ben", "Cleo", "Dov", "Eve", "Flo"].map((firstName) => ({
    firstName,
    lastName: "Ejemplo",
    email: `${firstName.toLowerCase()}@example.com`,
  }));
  const book = (index: number, hours: number) =>
    world.book(account, { ...people[index], startsAt: inHours(hours), timeZone: "America/Chicago" } as never);
  const [ada, ben, cleo, dov, eve, flo] = [
    book(0, 24),
    book(1, 26),
    book(2, 28),
    book(3, 30),
    book(4, 32),
    book(5, 34),
  ];
  await told();
  world.move(ada, inHours(48));
  world.cancel(ben);
  await told();
  world.move(ada, inHours(20 * 24));
  world.cancel(cleo, { isNoShow: true });
  world.change(dov, { notes: "Calls from work", isPaid: true });
  world.cancel(eve);
  world.reinstate(eve);
  await told();
  world.remove(flo);
  book(1, 50);
  await told();
}

it("a day whose webhooks were all lost is repaired by the next reconciliation", async () => {
  const [told, deaf] = [await openOffice(smith), await openOffice(riverbend)];
  await scriptedDay(smith, async () => {
    await world.webhooks.settled();
    await doLooks(told);
  });
  world.webhooks.mode = "off";
  await scriptedDay(riverbend, async () => {});
  expect(await doLooks(deaf)).toBe(0);
  expect(await stateOf(deaf)).toEqual([]);

  clock.advance(9 * 3_600_000);
  // Nobody tells of a deletion, so the firm that was told finds it by comparing too.
  await pull(told, "appointments");
  await pull(deaf, "appointments");
  const [before, after] = [await stateOf(told), await stateOf(deaf)];
  // Whoever was never told never saw what was deleted meanwhile: it was booked and gone between two looks.
  expect(before.filter(({ lead_name }) => lead_name !== "Ejemplo, Flo")).toEqual(after);
  expect(before.find(({ lead_name }) => lead_name === "Ejemplo, Flo")).toMatchObject({ state: "canceled" });
  expect(after).toHaveLength(6);

  // The day after finds nothing to do: one list per window, nothing looked at, nothing written.
  const events = (await eventTypes(deaf)).filter((type) => type !== "sync.fetched");
  const from = asked().length;
  await pull(deaf, "appointments");
  expect((await eventTypes(deaf)).filter((type) => type !== "sync.fetched")).toEqual(events);
  expect(asked(from).filter((line) => !line.startsWith("GET /acuity/api/v1/appointments?"))).toEqual([]);
});

describe("the reconciliation", () => {
  it("reads ninety days back and a year ahead at first, in windows, and says how far it is", async () => {
    const office = await quietOffice();
    clock.set("2026-08-30T15:00:00Z");
    world.book(smith, { ...PERSON, startsAt: new Date("2026-08-31T15:00:00Z") });
    world.book(smith, { ...PERSON, startsAt: new Date("2027-11-20T15:00:00Z") });
    world.book(smith, { ...PERSON, startsAt: new Date("2026-08-20T15:00:00Z") });
    clock.set("2026-11-22T15:00:00Z");
    const told = await pull(office, "appointments", { phase: "backfill" });
    expect(await stateOf(office)).toHaveLength(1);
    expect(told[0]?.progress).toEqual({ done: 14, total: 456 });
    expect(told.at(-1)).toMatchObject({ isDone: true, progress: { done: 456, total: 456 } });
    const days = asked()
      .filter((line) => line.includes("/appointments?"))
      .map((line) => /minDate=([\d-]+)&maxDate=([\d-]+)/.exec(line)?.slice(1));
    expect(days[0]?.[0]).toBe("2026-08-24");
    expect(days.at(-1)?.[1]).toBe("2027-11-22");
  });

  it("goes on where a run that died had come to", async () => {
    const office = await quietOffice();
    world.book(smith, { ...PERSON, startsAt: inHours(24) });
    const position = { from: "2026-11-09", next: "2026-11-23", until: "2026-11-25", days: 7 };
    const told = await pull(office, "appointments", { position });
    const through = { from: "2026-11-09", next: null, until: "2026-11-25", days: 3 };
    expect(told).toEqual([{ position: through, isDone: true, progress: { done: 17, total: 17 } }]);
  });

  it("halves a window whose reply is full, down to a day that is asked for more, and misses nobody", async () => {
    // A reply holds a hundred, and says nothing of the rest.
    const at = (day: string, index: number, minutes: number) => new Date(Date.parse(day) + index * minutes * 60_000);
    for (let index = 0; index < 130; index += 1)
      world.book(smith, { ...PERSON, minutes: 15, startsAt: at("2026-11-24T06:00:00Z", index, 30) });
    for (let index = 0; index < 104; index += 1)
      world.book(smith, { ...PERSON, minutes: 5, startsAt: at("2026-11-28T07:00:00Z", index, 5) });
    const office = await quietOffice();
    const found = new Set<string>();
    for (let next = "2026-11-22"; next <= "2026-11-29"; ) {
      const window = { minDate: next, maxDate: "2026-11-29" };
      const listed = await withAccess(office.ctx, "acuity", (access) => listWindow(access, window));
      expect(listed.isWhole).toBe(true);
      for (const { id } of listed.appointments) found.add(id);
      next = plusDays(listed.maxDate, 1);
    }
    // Seen red without: the halving; asking for more of one day
    expect(found.size).toBe(234);
  });

  it("cancels nothing that was booked at an account that the firm has left", async () => {
    const office = await quietOffice(smith);
    await look(office, world.book(smith, { ...PERSON, startsAt: inHours(48) }));
    clock.advance(3_600_000);
    const moved = await connect(office.firm, riverbend);
    const from = asked().length;
    await pull({ ...office, ...moved }, "appointments");
    // Seen red without: the comparison with the time of connecting
    expect(await stateOf(office)).toMatchObject([{ state: "scheduled" }]);
    expect(asked(from).filter((line) => !line.includes("appointments?"))).toEqual([]);
    await lookAtBooking(office.ctx, { connectionId: moved.connectionId, sourceId: "800001" });
    expect(await stateOf(office)).toMatchObject([{ state: "scheduled" }]);
  });

  // Seen red without: isHistory in apply-booking, at each of its three places
  it("leaves what was over before the firm connected in the past: it opens no lead, and moves none that is there", async () => {
    clock.set("2026-11-01T15:00:00Z");
    const [known] = ["known@example.com", "stranger@example.com"].map((email, index) =>
      world.book(smith, { ...PERSON, phone: "", email, startsAt: inHours(-240 - index) }),
    ) as [ReturnType<typeof world.book>];
    clock.set(AT);
    const office = await quietOffice();
    const leadId = await postLead(office.firm, { contacts: [{ kind: "email", value: "known@example.com" }] });
    await pull(office, "appointments", { phase: "backfill" });
    expect(await stateOf(office)).toMatchObject([{ state: "scheduled", lead_status: "new", source: "api" }]);
    expect(await eventTypes(office)).toContain("consultation.booked");
    expect(await rowsOf(office, "SELECT id FROM lead")).toEqual([{ id: leadId }]);
    // Put off to a day to come, it is a booking like any other.
    world.move(known, inHours(24));
    await look(office, known);
    expect(await stateOf(office)).toMatchObject([{ state: "scheduled", lead_status: "consultation" }]);
  });

  it("opens the lead of a booking that was made and held while nobody told, also while the connection was broken", async () => {
    const office = await quietOffice();
    clock.advance(3_600_000);
    world.book(smith, { ...PERSON, startsAt: inHours(2) });
    clock.advance(20 * 3_600_000);
    // Seen red without: connected_at staying when the same account is connected again
    await connect(office.firm, smith);
    await pull(office, "appointments");
    expect(await stateOf(office)).toMatchObject([{ lead_status: "consultation", source: "acuity" }]);
  });

  it("runs in the engine: the first pull is through, is due again in a day, and what fails is due sooner", async () => {
    const office = await quietOffice();
    const { ctx, connectionId } = office;
    world.book(smith, { ...PERSON, startsAt: inHours(24) });
    await startSync(ctx, connectionId);
    const cursors = await rowsOf<{ id: string; resource: string }>(
      office,
      "SELECT id, resource FROM sync_cursor ORDER BY resource",
    );
    for (const { id } of cursors) await runCursor(ctx, id);
    expect(
      await rowsOf(office, "SELECT resource, phase, problem, next_run_at FROM sync_cursor ORDER BY resource"),
    ).toEqual(
      ["appointments", "webhooks"].map((resource) => ({
        resource,
        phase: "incremental",
        problem: null,
        next_run_at: inHours(24),
      })),
    );
    expect(await stateOf(office)).toHaveLength(1);
    expect(await eventTypes(office)).toContain("sync.backfilled");
    clock.advance(25 * 3_600_000);
    sandbox.acuity.faults.add({ kind: "error" });
    for (const { id } of cursors) await runCursor(ctx, id);
    expect(await rowsOf(office, "SELECT DISTINCT problem FROM sync_cursor")).toEqual([{ problem: "unavailable" }]);
  });
});

describe("the webhooks of the account", () => {
  const hooks = () => world.webhooks.subscriptions.map(({ event, target, status }) => ({ event, target, status }));
  const ours = ({ connectionId }: Office) => ({
    event: "appointment.changed",
    target: `${process.env.APP_BASE_URL}/api/webhooks/acuity/${connectionId}`,
    status: "active",
  });
  const others = { event: "appointment.changed", target: "https://others.example/hook", status: "active" };

  it("are made when missing, made again when removed or switched off, and never doubled", async () => {
    const office = await quietOffice();
    world.webhooks.subscribe(smith.id, others.event, others.target, "key");
    await pull(office, "webhooks");
    await pull(office, "webhooks");
    expect(hooks()).toEqual([others, ours(office)]);
    world.webhooks.subscriptions.pop();
    await pull(office, "webhooks");
    expect(hooks()).toEqual([others, ours(office)]);
    for (const each of world.webhooks.subscriptions) each.status = "disabled";
    await pull(office, "webhooks");
    // Seen red without: looking at the status
    expect(hooks()).toEqual([{ ...others, status: "disabled" }, ours(office)]);
  });

  it("that are double or for other events go, others' stay, and leaving takes ours away", async () => {
    const office = await openOffice();
    const { target } = ours(office);
    world.webhooks.subscribe(smith.id, others.event, others.target, "key");
    world.webhooks.subscribe(smith.id, "appointment.changed", target, smith.apiKey);
    world.webhooks.subscribe(smith.id, "appointment.canceled", target, smith.apiKey);
    await pull(office, "webhooks");
    expect(hooks()).toEqual([ours(office), others]);
    await ACUITY_SYNC.leave?.(office.ctx, office.connectionId);
    expect(hooks()).toEqual([others]);
    expect((await eventTypes(office)).filter((type) => type === "sync.written")).toHaveLength(4);
  });

  it("that find no room are a refusal that a person sees", async () => {
    const office = await quietOffice();
    for (let left = 25; left > 0; left -= 1) world.webhooks.subscribe(smith.id, others.event, others.target, "key");
    await expect(pull(office, "webhooks")).rejects.toMatchObject({ kind: "rejected", code: "too_many_webhooks" });
  });
});

it("ours beside theirs: what is missing on either side and what differs, by name", async () => {
  const office = await quietOffice();
  const [same, moved, deleted] = [24, 26, 28].map((hours) =>
    world.book(smith, { ...PERSON, startsAt: inHours(hours) }),
  );
  for (const each of [same, moved, deleted]) await look(office, each as { id: number });
  expect(await ACUITY_SYNC.compare(office.ctx, office.connectionId)).toMatchObject({ ours: 3, theirs: 3, items: [] });
  world.move(moved as never, inHours(40));
  world.remove(deleted as never);
  const added = world.book(smith, { ...PERSON, startsAt: inHours(50) });
  world.cancel(world.book(smith, { ...PERSON, startsAt: inHours(52) }));
  const report = await ACUITY_SYNC.compare(office.ctx, office.connectionId);
  expect(report).toMatchObject({ ours: 3, theirs: 4, onlyOurs: 1, onlyTheirs: 1, different: 1 });
  expect(report.items.map(({ what, externalId, fields }) => ({ what, externalId, fields }))).toEqual(
    expect.arrayContaining([
      { what: "different", externalId: String(moved?.id), fields: ["startsAt", "endsAt"] },
      { what: "only_ours", externalId: String(deleted?.id), fields: [] },
      { what: "only_theirs", externalId: String(added.id), fields: [] },
    ]),
  );
});
