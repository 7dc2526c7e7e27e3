import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ConsultationQuery } from "@/lib/contracts/consultations";
import { fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { applyBooking, beginLook } from "@/lib/domain/bookings/apply-booking";
import { getConsultation } from "@/lib/domain/bookings/get-consultation";
import { listConsultations } from "@/lib/domain/bookings/list-consultations";
import { relinkConsultation } from "@/lib/domain/bookings/relink-consultation";
import type { SeenBooking } from "@/lib/domain/bookings/seen-booking";
import { setOutcome } from "@/lib/domain/bookings/set-outcome";
import { addContact } from "@/lib/domain/enrichment/contacts";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { consultationsOf, leadsOf, NOW, postLead, seenBooking, statusOf } from "./bookings-world";

const clock = fixedClock(NOW);
let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirm();
  clock.set(NOW);
});
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

const HOME = "+15125550142";
const SON = "son@person.example";
const FATHER = "father@person.example";
const father = { firstName: "Miguel", lastName: "Fictus", email: FATHER, phone: HOME };
const phone = { kind: "phone", value: HOME };
const email = (value: string) => ({ kind: "email", value });

async function look(seen: SeenBooking): Promise<string> {
  const ctx = firm.asService(clock);
  const ticket = await beginLook(ctx, seen.origin, seen.sourceId);
  return (await applyBooking(ctx, seen, ticket, "webhook")).consultationId as string;
}
const leadOf = async (id: string) => (await consultationsOf(firm)).find((each) => each.id === id)?.lead_id as string;
const user = () => firm.asUser(clock);
const contactsOf = async (leadId: string) =>
  (await getLeadDetail(user(), leadId)).contacts.map(({ value, givenBy }) => [value, givenBy]).toSorted();
const BOOKED = "Booked a consultation";

describe("a household with one phone", () => {
  it("gives the father's booking to the father, who has it with his e-mail address, though the son's lead is newer", async () => {
    const own = await postLead(firm, { last: "Fictus", contacts: [email(FATHER)] });
    await postLead(firm, { last: "Fictus", contacts: [phone, email(SON)] });
    expect(await leadOf(await look(seenBooking({ person: father })))).toBe(own);
  });

  it("opens a lead for the father when only the son is known, and leaves the son's as it is", async () => {
    const son = await postLead(firm, { last: "Fictus", contacts: [phone, email(SON)] });
    expect(await leadOf(await look(seenBooking({ person: father })))).not.toBe(son);
    expect([await statusOf(firm, son), await contactsOf(son)]).toEqual([
      "new",
      [
        [HOME, null],
        [SON, null],
      ],
    ]);
    expect(await leadsOf(firm)).toHaveLength(2);
  });
});

describe("a consultation put under another lead", () => {
  // Seen red without: moveContacts; the firm's word for a contact of a source
  it("takes its contacts along; the wrong lead keeps what a source posted, without the firm's word for it", async () => {
    const wrong = await postLead(firm, { contacts: [phone] });
    const right = await postLead(firm);
    const id = await look(seenBooking({ person: father }));
    expect(await contactsOf(wrong)).toEqual([
      [HOME, BOOKED],
      [FATHER, BOOKED],
    ]);
    await relinkConsultation(user(), id, { leadId: right });
    expect(await contactsOf(wrong)).toEqual([[HOME, null]]);
    expect(await contactsOf(right)).toEqual([
      [HOME, BOOKED],
      [FATHER, BOOKED],
    ]);
    const typesOf = async (leadId: string) => (await eventsOf(firm, leadId)).map(({ type }) => type);
    expect(await typesOf(wrong)).toEqual(expect.arrayContaining(["contact.removed", "contact.corrected"]));
    expect((await typesOf(right)).filter((type) => type === "contact.added")).toHaveLength(2);
    const { rows } = await asOwner(firm.id, (client) => client.query("SELECT id, contact_state FROM lead"));
    const states = new Map(rows.map((row) => [row.id, row.contact_state]));
    expect([states.get(wrong), states.get(right)]).toEqual(["checking", "checking"]);
    // What they book next finds the right lead.
    expect(await leadOf(await look(seenBooking({ person: { ...father, phone: null } })))).toBe(right);
  });

  // Seen red without: the other bookings; the comparison of who gave it
  it("leaves the wrong lead what somebody else gave it, or another booking of theirs", async () => {
    const wrong = await postLead(firm);
    await addContact(user(), wrong, {
      kind: "email",
      value: FATHER,
      givenBy: "The sister",
      basis: "person_contacted_firm",
      check: false,
    });
    const id = await look(seenBooking({ person: father }));
    const other = await look(seenBooking({ person: father }));
    expect([await leadOf(id), await leadOf(other)]).toEqual([wrong, wrong]);
    const right = await postLead(firm);
    await relinkConsultation(user(), id, { leadId: right });
    expect(await contactsOf(wrong)).toEqual([
      [HOME, BOOKED],
      [FATHER, "The sister"],
    ]);
    await relinkConsultation(user(), other, { leadId: right });
    expect([await contactsOf(wrong), (await contactsOf(right)).length]).toEqual([[[FATHER, "The sister"]], 2]);
  });
});

describe("a booking that is canceled by the time it is first seen", () => {
  const canceled = (bookedAt: string) =>
    seenBooking({ state: "canceled", bookedAt: new Date(bookedAt), person: { ...father, phone: null } });
  const lose = (leadId: string) => changeLeadStatus(user(), { leadId, to: "dismissed", reason: "Said no" });

  // Seen red without: isDecidedSince
  it("does not reopen a lead that was closed after it was made, and moves one that was closed before", async () => {
    const leadId = await postLead(firm, { contacts: [email(FATHER)] });
    await lose(leadId);
    await look(canceled("2026-11-20T14:00:00Z"));
    expect(await statusOf(firm, leadId)).toBe("dismissed");
    clock.set("2026-11-20T18:00:00Z");
    await look(canceled("2026-11-20T17:00:00Z"));
    expect(await statusOf(firm, leadId)).toBe("responded");
  });

  it("still moves a lead that somebody worked on since", async () => {
    const leadId = await postLead(firm, { contacts: [email(FATHER)] });
    await changeLeadStatus(user(), { leadId, to: "reviewed" });
    await look(canceled("2026-11-20T14:00:00Z"));
    expect(await statusOf(firm, leadId)).toBe("responded");
  });
});

describe("a canceled booking beside one of the past", () => {
  const at = (startsAt: string) => ({
    startsAt: new Date(startsAt),
    endsAt: new Date(Date.parse(startsAt) + 1_800_000),
  });

  // Seen red without: holdsLead
  it("leaves the lead at Consultation while the one that was held waits for its outcome, and for a month at most", async () => {
    const held = await look(seenBooking({ ...at("2026-11-21T16:00:00Z"), person: father }));
    const [next, later, last] = ["2026-11-28T16:00:00Z", "2026-11-29T16:00:00Z", "2027-01-10T16:00:00Z"].map((start) =>
      seenBooking({ ...at(start), person: father }),
    ) as [SeenBooking, SeenBooking, SeenBooking];
    const leadId = await leadOf(held);
    clock.set("2026-11-23T15:00:00Z");
    await look(next);
    await look({ ...next, state: "canceled" });
    expect(await statusOf(firm, leadId)).toBe("consultation");
    await setOutcome(user(), held, { outcome: "thinking" });
    await look(later);
    await look({ ...later, state: "canceled" });
    expect(await statusOf(firm, leadId)).toBe("consultation");
    clock.set("2027-01-05T15:00:00Z");
    await look(last);
    await look({ ...last, state: "canceled" });
    expect(await statusOf(firm, leadId)).toBe("responded");
  });
});

async function connectGoogle(): Promise<string> {
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

// Seen red without: the comparison of the times in conflictsSql
it("does not take what Acuity writes to the firm's calendar for a conflict of the booking itself", async () => {
  await look(seenBooking());
  const connectionId = await connectGoogle();
  const beBusy = (endsAt: string) =>
    asOwner(firm.id, (client) =>
      client.query(
        `INSERT INTO busy_time (tenant_id, id, connection_id, external_id, starts_at, ends_at, is_all_day)
         VALUES ($1, $2, $3, $5, '2026-11-21T16:00:00Z', $4, false)`,
        [firm.id, newId(), connectionId, endsAt, endsAt],
      ),
    );
  const conflicts = async () => {
    const query = ConsultationQuery.parse({ from: "2026-11-21T00:00:00Z", to: "2026-11-22T00:00:00Z" });
    return (await listConsultations(user(), query)).consultations.flatMap((each) => each.conflicts);
  };
  await beBusy("2026-11-21T16:30:00Z");
  expect(await conflicts()).toEqual([]);
  await beBusy("2026-11-21T16:20:00Z");
  expect(await conflicts()).toHaveLength(1);
});

it("says when its event in the calendar begins, where somebody moved it there alone", async () => {
  const id = await look(seenBooking());
  const connectionId = await connectGoogle();
  const movedTo = { startsAt: "2026-11-24T21:00:00.000Z", endsAt: "2026-11-24T21:30:00.000Z" };
  await asOwner(firm.id, (client) =>
    client.query(
      `INSERT INTO sync_link (tenant_id, id, connection_id, kind, lead_id, consultation_id, state, details, updated_at)
       VALUES ($1, $2, $3, 'event', (SELECT lead_id FROM consultation WHERE id = $4), $4, 'linked', $5, now())`,
      [firm.id, newId(), connectionId, id, { movedTo }],
    ),
  );
  expect((await getConsultation(user(), id)).mirrors).toMatchObject([{ kind: "event", movedTo: movedTo.startsAt }]);
});
