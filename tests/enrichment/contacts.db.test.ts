import { beforeEach, describe, expect, it } from "vitest";
import type { AddContact } from "@/lib/contracts/leads";
import { fixedClock } from "@/lib/core/clock";
import { addContact, correctContact, removeContact } from "@/lib/domain/enrichment/contacts";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { callsTo, contactState, enrichmentsOf, jobsOf, leadsWith, lookUpAll, phone } from "./vendors";

const clock = fixedClock("2026-11-20T12:00:00Z");
let firm: TestFirm;
let leadId: string;
const person = () => firm.asUser(clock);
const given = (over: Partial<AddContact> = {}): AddContact => ({
  kind: "phone",
  value: "(512) 555-0100",
  givenBy: "His sister, at the desk",
  basis: "family_contacted_firm",
  check: true,
  ...over,
});
const types = async () => (await eventsOf(firm, leadId)).map((event) => event.type);
const cells = () =>
  asOwner(firm.id, async (client) => (await client.query("SELECT * FROM contact_point ORDER BY created_at, id")).rows);
const version = () =>
  asOwner(firm.id, async (client) => (await client.query("SELECT version FROM lead")).rows[0]?.version);

beforeEach(async () => {
  clock.set("2026-11-20T12:00:00Z");
  firm = await makeFirm();
  [leadId = ""] = await leadsWith(firm, [[]], firm.asKey(undefined, clock));
});

describe("addContact", () => {
  it("keeps a number that the firm was given, sealed, with who gave it and why, and asks for its check at once", async () => {
    const contact = await addContact(person(), leadId, given());
    expect(contact).toMatchObject({
      kind: "phone",
      value: "+15125550100",
      origin: "firm",
      givenBy: "His sister, at the desk",
      basis: "family_contacted_firm",
      enrichment: { state: "pending", words: "Checking." },
    });
    expect(await types()).toEqual(["lead.ingested", "contact.added", "lead.enrichment_requested"]);
    expect(await jobsOf(firm)).toHaveLength(1);
    expect(await contactState(firm, leadId)).toBe("checking");
    expect(JSON.stringify(await cells())).not.toContain("5550100");
    expect(JSON.stringify(await eventsOf(firm))).not.toContain("5550100");
    expect(await version()).toBe(1);
  });

  it("gives the same contact when the same number is added again, however it is written, and records nothing", async () => {
    const first = await addContact(person(), leadId, given());
    const before = await types();
    const again = await addContact(person(), leadId, given({ value: "+1 512 555 0100", givenBy: "Somebody else" }));
    expect(again).toEqual(first);
    expect(await types()).toEqual(before);
  });

  it("does not ask for a check that is not wanted, or that the caller may not ask for", async () => {
    await addContact(person(), leadId, given({ check: false }));
    expect(await contactState(firm, leadId)).toBe("unchecked");
    await addContact(firm.asKey(["leads:write"], clock), leadId, given({ kind: "email", value: "Rowan@Example.com" }));
    expect(await enrichmentsOf(firm)).toEqual([]);
  });

  it("names the field of a value that is none", async () => {
    await expect(addContact(person(), leadId, given({ value: "12" }))).rejects.toMatchObject({
      code: "unprocessable",
      invalidParams: [{ name: "value", reason: "is no phone number" }],
    });
    await expect(addContact(person(), leadId, given({ kind: "email", value: "x@" }))).rejects.toMatchObject({
      invalidParams: [{ name: "value", reason: "is no e-mail address" }],
    });
  });

  it("refuses a viewer, and does not know another firm's lead", async () => {
    const viewers = await makeFirm({ role: "viewer" });
    await expect(addContact(viewers.asUser(), leadId, given())).rejects.toMatchObject({ code: "forbidden" });
    const other = await makeFirm();
    await expect(addContact(other.asUser(), leadId, given())).rejects.toMatchObject({ code: "not_found" });
    await expect(addContact(person(), "nonsense", given())).rejects.toMatchObject({ code: "not_found" });
  });

  it("lets the firm vouch for a number that a source had posted, which stays the source's", async () => {
    const [posted = ""] = await leadsWith(firm, [[phone("+15125550113")]], firm.asKey(undefined, clock));
    leadId = posted;
    const contact = await addContact(person(), leadId, given({ value: "512-555-0113" }));
    expect(contact).toMatchObject({
      origin: "source",
      givenBy: "His sister, at the desk",
      basis: "family_contacted_firm",
    });
    expect((await eventsOf(firm, leadId)).at(-1)).toMatchObject({ type: "contact.corrected" });
  });
});

describe("a posted contact", () => {
  it("is never changed by a later post, and a firm's one with the same value neither", async () => {
    await addContact(person(), leadId, given());
    const before = await cells();
    clock.advance(60_000);
    await leadsWith(firm, [[phone("+15125550100")]], firm.asKey(undefined, clock));
    expect(await cells()).toEqual(before);
  });
});

describe("correctContact", () => {
  it("drops what was known of the old value and asks for the new one's check", async () => {
    const { id } = await addContact(person(), leadId, given());
    await lookUpAll(firm, firm.asService(clock));
    expect(await contactState(firm, leadId)).toBe("mobile_valid");
    clock.advance(1000);
    const after = await correctContact(person(), leadId, id, { value: "512 555 0101", check: true });
    expect(after).toMatchObject({
      id,
      value: "+15125550101",
      basis: "family_contacted_firm",
      enrichment: { state: "pending" },
    });
    expect(await enrichmentsOf(firm)).toHaveLength(1);
    expect(await contactState(firm, leadId)).toBe("checking");
    const corrected = (await eventsOf(firm, leadId)).find((event) => event.type === "contact.corrected");
    expect(corrected?.data).toEqual({ contactId: id, kind: "phone", fields: ["value"] });
    expect(await version()).toBe(1);
  });

  it("changes nothing when nothing is new", async () => {
    const { id } = await addContact(person(), leadId, given());
    const before = await eventsOf(firm);
    await correctContact(person(), leadId, id, { value: "+15125550100", check: true });
    expect(await eventsOf(firm)).toEqual(before);
  });

  it("refuses a contact of the source, a value that the lead has already, and another firm", async () => {
    const { id } = await addContact(person(), leadId, given());
    const second = await addContact(person(), leadId, given({ value: "512 555 0101" }));
    await expect(
      correctContact(person(), leadId, second.id, { value: "512 555 0100", check: false }),
    ).rejects.toMatchObject({
      code: "conflict",
    });
    const other = await makeFirm();
    await expect(
      correctContact(other.asUser(), leadId, id, { value: "5125550102", check: false }),
    ).rejects.toMatchObject({
      code: "not_found",
    });
    await leadsWith(firm, [[phone("+15125550113")]], firm.asKey(undefined, clock));
    const posted = (await getLeadDetail(person(), leadId)).contacts.find((contact) => contact.origin === "source");
    const wrong = correctContact(person(), leadId, posted?.id ?? "", { value: "5125550102", check: false });
    await expect(wrong).rejects.toMatchObject({ code: "conflict" });
    await expect(removeContact(person(), leadId, posted?.id ?? "")).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("removeContact", () => {
  it("erases the value and everything found out about it, and keeps that it was removed", async () => {
    const { id } = await addContact(person(), leadId, given());
    await lookUpAll(firm, firm.asService(clock));
    await removeContact(person(), leadId, id);
    expect(await cells()).toEqual([]);
    expect(await enrichmentsOf(firm)).toEqual([]);
    expect(await contactState(firm, leadId)).toBe("none");
    expect((await types()).filter((type) => type === "contact.removed")).toHaveLength(1);
    await expect(removeContact(person(), leadId, id)).rejects.toMatchObject({ code: "not_found" });
  });

  it("leaves a job that was under way with nothing to do", async () => {
    const { id, enrichment } = await addContact(person(), leadId, given());
    await removeContact(person(), leadId, id);
    const { lookUp } = await import("@/lib/domain/enrichment/look-up");
    await lookUp(firm.asService(clock), [enrichment?.id ?? ""]);
    expect(callsTo("twilio")).toBe(0);
  });

  it("refuses a viewer and does not know another firm's contact", async () => {
    const { id } = await addContact(person(), leadId, given());
    const viewers = await makeFirm({ role: "viewer" });
    await expect(removeContact(viewers.asUser(), leadId, id)).rejects.toMatchObject({ code: "forbidden" });
    const other = await makeFirm();
    await expect(removeContact(other.asUser(), leadId, id)).rejects.toMatchObject({ code: "not_found" });
    expect(await cells()).toHaveLength(1);
  });
});
