import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LeadPageQuery } from "@/lib/contracts/leads";
import { fixedClock } from "@/lib/core/clock";
import { NO_COUNTY } from "@/lib/core/county";
import { type Applied, applyBooking, beginLook } from "@/lib/domain/bookings/apply-booking";
import { relinkConsultation } from "@/lib/domain/bookings/relink-consultation";
import type { SeenBooking } from "@/lib/domain/bookings/seen-booking";
import { setOutcome } from "@/lib/domain/bookings/set-outcome";
import { removeContact } from "@/lib/domain/enrichment/contacts";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { listCounties } from "@/lib/domain/leads/list-counties";
import { listLeads } from "@/lib/domain/leads/list-leads";
import { suppressionDigest } from "@/lib/domain/leads/suppression";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import {
  consultationsOf,
  leadsOf,
  mirrorJobs,
  NOW,
  postLead,
  seenBooking,
  setStatus,
  statusOf,
} from "./bookings-world";

const clock = fixedClock(NOW);
let firm: TestFirm;
let other: TestFirm;
beforeAll(async () => {
  other = await makeFirm();
});
beforeEach(async () => {
  firm = await makeFirm();
  clock.set(NOW);
});
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

const ctxOf = (of: TestFirm = firm) => of.asService(clock);

/** Looks at a booking as the sync does: the ticket first, then what was found. */
async function look(seen: SeenBooking, of: TestFirm = firm): Promise<Applied> {
  const ticket = await beginLook(ctxOf(of), seen.origin, seen.sourceId);
  return applyBooking(ctxOf(of), seen, ticket, "webhook");
}
const typesOf = async (leadId?: string) => (await eventsOf(firm, leadId)).map(({ type }) => type);
const email = (value: string) => ({ kind: "email", value });
const person = (over: Partial<SeenBooking["person"]>) => ({
  firstName: "Rowan",
  lastName: "Fictus",
  email: null,
  phone: null,
  ...over,
});

describe("a booking seen for the first time", () => {
  it("belongs to the lead that has the person's phone number, moves it and records who gave the contacts", async () => {
    const leadId = await postLead(firm, { contacts: [{ kind: "phone", value: "(512) 555-0142" }] });
    const seen = seenBooking({ person: person({ phone: "512-555-0142", email: "Rowan@Person.example" }) });
    const { consultationId, isChanged } = await look(seen);
    expect(isChanged).toBe(true);
    expect(await consultationsOf(firm)).toMatchObject([
      { id: consultationId, lead_id: leadId, state: "scheduled", version: 1 },
    ]);
    expect(await statusOf(firm, leadId)).toBe("consultation");
    const moves = (await eventsOf(firm, leadId)).filter(({ type }) => type === "lead.status_changed");
    expect(moves.map(({ data }) => [data.from, data.to])).toEqual([
      ["new", "responded"],
      ["responded", "consultation"],
    ]);
    const { contacts } = await getLeadDetail(firm.asUser(clock), leadId);
    const given = { givenBy: "Booked a consultation", basis: "person_contacted_firm" };
    expect(contacts.toSorted((a, b) => a.kind.localeCompare(b.kind))).toMatchObject([
      { kind: "email", value: "rowan@person.example", origin: "firm", ...given },
      { kind: "phone", value: "+15125550142", origin: "source", ...given },
    ]);
    expect(contacts.every(({ enrichment }) => enrichment?.state === "pending")).toBe(true);
    expect(await mirrorJobs(firm)).toBe(1);
  });

  it("opens a lead of the firm's own for somebody who has none", async () => {
    const seen = seenBooking({ person: person({ firstName: "Zoë", lastName: "Núñez", email: "zoe@person.example" }) });
    const { consultationId } = await look(seen);
    const [lead] = await leadsOf(firm);
    const source = { source: "acuity", source_id: seen.sourceId };
    expect(lead).toMatchObject({
      ...source,
      name: "Núñez, Zoë",
      county: NO_COUNTY,
      status: "consultation",
      top_class: "unknown",
    });
    expect(lead?.search_text).toBe("nunez, zoe");
    const [opened] = await eventsOf(firm, lead?.id);
    expect(opened).toMatchObject({ type: "lead.opened", data: { source: "acuity", consultationId } });
    expect(await typesOf(lead?.id)).toContain("contact.added");
  });

  it("shows such a lead where its county is asked for, found by its name, and to no member who is limited to counties", async () => {
    await postLead(firm);
    await look(seenBooking({ person: person({ lastName: "Núñez", email: "zoe@person.example" }) }));
    const ids = async (over: object, ctx = firm.asUser(clock)) =>
      (await listLeads(ctx, LeadPageQuery.parse(over))).leads.map(({ source }) => source);
    expect(await ids({ county: [NO_COUNTY] })).toEqual(["acuity"]);
    expect(await ids({ q: "nunez" })).toEqual(["acuity"]);
    expect(await listCounties(firm.asUser(clock))).toEqual([NO_COUNTY, "Travis"]);
    const limited = await addUser(firm, { role: "staff", scope: { counties: ["Travis"], classes: [] } });
    expect(await ids({}, limited.asUser(clock))).toEqual(["api"]);
  });

  // Seen red without: the match by contact alone.
  it("never takes a name for a match", async () => {
    await postLead(firm, { last: "Sample", contacts: [email("else@person.example")] });
    await look(seenBooking());
    expect(await leadsOf(firm)).toHaveLength(2);
  });

  it("takes the lead of the same last name, then one still worked on, then the newest", async () => {
    const shared = [email("home@person.example")];
    const kin = await postLead(firm, { last: "Other", contacts: shared });
    const closed = await postLead(firm, { last: "Núñez", contacts: shared });
    const opened = await postLead(firm, { last: "Nunez", contacts: shared });
    await postLead(firm, { last: "Third", contacts: shared });
    await setStatus(firm, closed, "dismissed");
    const by = (lastName: string) => person({ lastName, email: "home@person.example" });
    await look(seenBooking({ person: by("NUÑEZ") }));
    await look(seenBooking({ person: by("Other") }));
    const taken = (await consultationsOf(firm)).map(({ lead_id }) => lead_id);
    expect(taken).toEqual([opened, kin]);
  });

  it("does not reach a lead of another firm that has the same contact", async () => {
    const theirs = await postLead(other, { contacts: [email("both@person.example")] });
    await look(seenBooking({ person: person({ email: "both@person.example" }) }));
    expect(await statusOf(other, theirs)).toBe("new");
    expect(await consultationsOf(other)).toEqual([]);
    expect(await leadsOf(firm)).toHaveLength(1);
  });

  it("writes nothing of a booking whose record was destroyed", async () => {
    const seen = seenBooking();
    const digest = suppressionDigest(firm.id, "acuity", seen.sourceId);
    await asOwner(firm.id, (client) =>
      client.query("INSERT INTO suppression (tenant_id, digest, reason) VALUES ($1, $2, 'test')", [firm.id, digest]),
    );
    expect(await look(seen)).toEqual({ consultationId: null, isChanged: false });
    expect([await consultationsOf(firm), await leadsOf(firm)]).toEqual([[], []]);
  });

  it("was booked and then canceled when it is over by the time it is seen, and the person did respond", async () => {
    const leadId = await postLead(firm, { contacts: [email("late@person.example")] });
    await look(seenBooking({ state: "canceled", person: person({ email: "late@person.example" }) }));
    const types = (await typesOf(leadId)).filter((type) => type.startsWith("consultation."));
    expect(types).toEqual(["consultation.booked", "consultation.canceled"]);
    expect(await statusOf(firm, leadId)).toBe("responded");
  });

  it("reopens a lost lead and leaves a retained one", async () => {
    const lost = await postLead(firm, { contacts: [email("lost@person.example")] });
    const kept = await postLead(firm, { contacts: [email("kept@person.example")] });
    await setStatus(firm, lost, "lost");
    await setStatus(firm, kept, "retained");
    await look(seenBooking({ person: person({ email: "lost@person.example" }) }));
    await look(seenBooking({ person: person({ email: "kept@person.example" }) }));
    expect([await statusOf(firm, lost), await statusOf(firm, kept)]).toEqual(["consultation", "retained"]);
  });

  it("keeps text that Postgres cannot store from losing the booking", async () => {
    const seen = seenBooking({
      kind: "Call\u0000 me \ud800",
      notes: "a\u0000b",
      timeZone: "Mars/Olympus",
      person: person({ lastName: "\u0000" }),
    });
    await look({ ...seen, endsAt: seen.startsAt });
    expect(await consultationsOf(firm)).toMatchObject([{ kind: "Call me \ufffd", time_zone: "America/Chicago" }]);
  });
});

describe("a booking seen again", () => {
  it("writes nothing, not even an event or a job, when it says the same", async () => {
    const seen = seenBooking();
    await look(seen);
    const before = [await consultationsOf(firm), await eventsOf(firm), await mirrorJobs(firm)];
    expect(await look(seen)).toMatchObject({ isChanged: false });
    expect([await consultationsOf(firm), await eventsOf(firm), await mirrorJobs(firm)]).toEqual(before);
  });

  it("leaves one event for each thing that happened, without words of the person in any", async () => {
    const seen = seenBooking();
    await look(seen);
    const [{ lead_id: leadId } = { lead_id: "" }] = await consultationsOf(firm);
    const later = { startsAt: new Date("2026-11-22T16:00:00Z"), endsAt: new Date("2026-11-22T17:00:00Z") };
    await look({ ...seen, ...later, notes: "KINGBIRD" });
    await look({ ...seen, ...later, notes: "KINGBIRD", state: "canceled" });
    await look({ ...seen, ...later, notes: "KINGBIRD", state: "no_show" });
    await look({ ...seen, ...later, notes: "KINGBIRD" });
    const events = (await eventsOf(firm, leadId)).filter(({ type }) => type.startsWith("consultation."));
    expect(events.map(({ type }) => type.slice(13))).toEqual([
      "booked",
      "moved",
      "changed",
      "canceled",
      "no_show",
      "reinstated",
    ]);
    expect(events[2]?.data.fields).toEqual(["notes", "duration"]);
    expect(JSON.stringify([events, await consultationsOf(firm)])).not.toContain("KINGBIRD");
    expect(await statusOf(firm, leadId)).toBe("consultation");
    expect(await mirrorJobs(firm)).toBe(5);
  });

  it("stays with its lead, whoever it is booked for now", async () => {
    const seen = seenBooking();
    await look(seen);
    await postLead(firm, { contacts: [email("new@person.example")] });
    await look({ ...seen, person: person({ email: "new@person.example" }) });
    const [first] = await leadsOf(firm);
    expect(await consultationsOf(firm)).toMatchObject([{ lead_id: first?.id, version: 2 }]);
    const changed = (await eventsOf(firm, first?.id)).find(({ type }) => type === "consultation.changed");
    expect(changed?.data.fields).toEqual(["person"]);
  });

  // Seen red without: the comparison of the person in store.
  it("does not bring back a contact that the firm took away since", async () => {
    const seen = seenBooking();
    await look(seen);
    const [{ lead_id: leadId } = { lead_id: "" }] = await consultationsOf(firm);
    const user = firm.asUser(clock);
    const contacts = async () => (await getLeadDetail(user, leadId)).contacts;
    for (const { id } of await contacts()) await removeContact(user, leadId, id);
    await look({ ...seen, kind: "Another kind" });
    expect(await contacts()).toEqual([]);
  });

  it("leaves what a person decided alone when it merely moves or is canceled", async () => {
    const seen = seenBooking();
    await look(seen);
    const [{ lead_id: leadId } = { lead_id: "" }] = await consultationsOf(firm);
    await setStatus(firm, leadId, "dismissed");
    await look({ ...seen, kind: "Another kind" });
    await look({ ...seen, state: "canceled" });
    expect(await statusOf(firm, leadId)).toBe("dismissed");
  });

  it("takes the lead back to Responded only when no other booking of theirs is live", async () => {
    const leadId = await postLead(firm, { contacts: [email("two@person.example")] });
    const [one, two] = [0, 1].map(() => seenBooking({ person: person({ email: "two@person.example" }) })) as [
      SeenBooking,
      SeenBooking,
    ];
    await look(one);
    await look(two);
    await look({ ...one, state: "canceled" });
    expect(await statusOf(firm, leadId)).toBe("consultation");
    await look({ ...two, state: "no_show" });
    expect(await statusOf(firm, leadId)).toBe("responded");
  });
});

describe("looks that cross each other", () => {
  // Seen red without: the order of the looks in takeLook.
  it("lets the look that began later stand, whichever is stored last", async () => {
    const seen = seenBooking();
    const first = await beginLook(ctxOf(), "acuity", seen.sourceId);
    const second = await beginLook(ctxOf(), "acuity", seen.sourceId);
    let fetches = 0;
    const noted = async () => {
      fetches += 1;
    };
    await applyBooking(ctxOf(), { ...seen, state: "canceled" }, second, "webhook", noted);
    const late = await applyBooking(ctxOf(), seen, first, "webhook", noted);
    expect(late.isChanged).toBe(false);
    expect(await consultationsOf(firm)).toMatchObject([{ id: late.consultationId, state: "canceled" }]);
    expect(fetches).toBe(2);
  });

  it("stores one consultation when two looks at a booking end at once", async () => {
    const seen = seenBooking();
    const tickets = [
      await beginLook(ctxOf(), "acuity", seen.sourceId),
      await beginLook(ctxOf(), "acuity", seen.sourceId),
    ];
    await Promise.all([
      applyBooking(ctxOf(), seen, tickets[0] as number, "webhook"),
      applyBooking(ctxOf(), { ...seen, state: "canceled" }, tickets[1] as number, "webhook"),
    ]);
    expect(await consultationsOf(firm)).toMatchObject([{ state: "canceled" }]);
    const [lead, ...more] = await leadsOf(firm);
    expect(more).toEqual([]);
    expect(lead?.status).toBe("responded");
  });

  // Seen red without: the turns of lockSource.
  it("opens one lead for a person who books twice at once", async () => {
    const who = person({ email: "twice@person.example" });
    await Promise.all([0, 1, 2].map(() => look(seenBooking({ person: who }))));
    const leads = await leadsOf(firm);
    expect(leads).toHaveLength(1);
    expect((await consultationsOf(firm)).map(({ lead_id }) => lead_id)).toEqual([
      leads[0]?.id,
      leads[0]?.id,
      leads[0]?.id,
    ]);
  });

  it("writes nothing when what belongs to the look cannot be written", async () => {
    const seen = seenBooking();
    const ticket = await beginLook(ctxOf(), "acuity", seen.sourceId);
    const fail = () => Promise.reject(new Error("no"));
    await expect(applyBooking(ctxOf(), seen, ticket, "webhook", fail)).rejects.toThrow("no");
    expect([await consultationsOf(firm), await leadsOf(firm)]).toEqual([[], []]);
    expect(await applyBooking(ctxOf(), seen, ticket, "webhook")).toMatchObject({ isChanged: true });
  });

  it("lets looks, outcomes, moves to other leads and status changes work at once, without a deadlock", async () => {
    const contacts = ["a", "b"].map((name) => [email(`${name}@person.example`)]);
    const leads = [
      await postLead(firm, { contacts: contacts[0] ?? [] }),
      await postLead(firm, { contacts: contacts[1] ?? [] }),
    ];
    const seen = ["a", "b", "a", "b"].map((name) =>
      seenBooking({ person: person({ email: `${name}@person.example` }) }),
    );
    const ids: string[] = [];
    for (const each of seen) ids.push((await look(each)).consultationId as string);
    const user = firm.asUser(clock);
    const failures: unknown[] = [];
    const busy = (error: { code?: string }) => {
      if (error.code !== "invalid_transition") failures.push(error);
    };
    const rounds = seen.flatMap((each, i) => {
      const id = ids[i] as string;
      const leadId = leads[(i + 1) % 2] as string;
      return [
        look({ ...each, state: i < 2 ? "canceled" : "scheduled", kind: "Other" }),
        setOutcome(user, id, { outcome: "thinking" }),
        relinkConsultation(user, id, { leadId }),
        changeLeadStatus(user, { leadId, to: "responded" }),
      ].map((work) => work.catch(busy));
    });
    await Promise.all(rounds);
    expect(failures).toEqual([]);
    const stored = await consultationsOf(firm);
    expect(stored.map(({ state, outcome }) => `${state} ${outcome}`)).toEqual([
      "canceled thinking",
      "canceled thinking",
      "scheduled thinking",
      "scheduled thinking",
    ]);
  });
});
