import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET, PUT } from "@/app/api/connections/zoho/fields/route";
import { getMapping, setMapping } from "@/lib/domain/sync/zoho/mapping";
import { call, hostOf, makeFirmWithPassword, originOfFirm, signInTo } from "../http/call";
import { addUser, eventsOf, makeFirm } from "../setup/firms";
import {
  clock,
  connectedFirm,
  leadOf,
  MINUTE,
  recordOf,
  rows,
  run,
  START,
  sandbox,
  world,
  type ZohoFirm,
} from "./zoho-firm";

const LAST_NAME = { ours: "lastName", theirs: "Last_Name", rule: "ours" } as const;
let firm: ZohoFirm;
beforeAll(async () => {
  clock.set(START);
  firm = await connectedFirm();
});
beforeEach(() => sandbox.zoho.faults.clear());
const set = (...fields: Parameters<typeof setMapping>[1]["fields"]) => setMapping(firm.asUser(clock), { fields });

describe("the mapping of fields", () => {
  it("begins with the fields that this CRM has, and with nothing of what people are charged with", async () => {
    const { fields, available } = await getMapping(firm.asUser(clock));
    expect(fields).toEqual([
      { ours: "county", theirs: "County", rule: "ours" },
      { ours: "email", theirs: "Email", rule: "newest" },
      { ours: "firstName", theirs: "First_Name", rule: "ours" },
      { ours: "lastName", theirs: "Last_Name", rule: "ours" },
      { ours: "leadUrl", theirs: "Arrestra_Link", rule: "ours" },
      { ours: "nextConsultation", theirs: "Next_Consultation", rule: "ours" },
      { ours: "phone", theirs: "Phone", rule: "newest" },
      { ours: "status", theirs: "Lead_Status", rule: "newest" },
    ]);
    // Offense and Bail_Total are there, and are for the firm to choose.
    expect(available.map(({ name }) => name)).toEqual(expect.arrayContaining(["Offense", "Bail_Total", "Last_Name"]));
  });

  it("is changed as a whole, with its event, and what is chosen is written from then on", async () => {
    await set(
      LAST_NAME,
      { ours: "offense", theirs: "Offense", rule: "ours" },
      { ours: "email", theirs: "Email", rule: "theirs" },
    );
    const [changed] = (await eventsOf(firm)).filter(({ type }) => type === "connection.changed");
    expect(changed?.data).toMatchObject({
      provider: "zoho",
      fields: ["firstName", "phone", "email", "status", "county", "offense", "nextConsultation", "leadUrl"],
    });
    const leadId = await leadOf(firm, { email: "mapped@example.com" });
    await run(firm, "push");
    expect(await recordOf(firm, leadId)).toEqual({ Last_Name: "FICTUS", Email: "mapped@example.com", Offense: "DWI" });
    const said = (await eventsOf(firm)).length;
    await set(
      LAST_NAME,
      { ours: "offense", theirs: "Offense", rule: "ours" },
      { ours: "email", theirs: "Email", rule: "theirs" },
    );
    expect((await eventsOf(firm)).length).toBe(said);
  });

  it.each([
    [[LAST_NAME, { ours: "county", theirs: "Nowhere", rule: "ours" }], "fields[1].theirs", "no field Nowhere"],
    [
      [
        LAST_NAME,
        { ours: "county", theirs: "Description", rule: "ours" },
        { ours: "offense", theirs: "Description", rule: "ours" },
      ],
      "fields[2].theirs",
      "Description is chosen for County and for Offense",
    ],
    [
      [LAST_NAME, { ours: "lastName", theirs: "Description", rule: "ours" }],
      "fields[1].ours",
      "Last name is there twice",
    ],
    [[{ ours: "email", theirs: "Email", rule: "ours" }], "fields", "Last_Name must hold the last name"],
  ] as const)("refuses %j and names the field", async (fields, name, words) => {
    const before = await rows(firm, "SELECT * FROM crm_field ORDER BY ours");
    await expect(set(...fields)).rejects.toMatchObject({
      code: "unprocessable",
      message: expect.stringContaining(words),
      invalidParams: [{ name, reason: expect.stringContaining(words) }],
    });
    expect(await rows(firm, "SELECT * FROM crm_field ORDER BY ours")).toEqual(before);
  });

  it("is for owners and admins who showed their factor just now, of a firm that is connected", async () => {
    const attorney = await addUser(firm, { role: "attorney" });
    await expect(getMapping(attorney.asUser(clock))).rejects.toMatchObject({ code: "forbidden" });
    await expect(setMapping(attorney.asUser(clock), { fields: [LAST_NAME] })).rejects.toMatchObject({
      code: "forbidden",
    });
    const stale = firm.asUser(clock);
    clock.advance(11 * MINUTE);
    // Seen red without: the fresh factor.
    await expect(setMapping(stale, { fields: [LAST_NAME] })).rejects.toMatchObject({ code: "mfa_required" });
    const other = await makeFirm();
    await expect(getMapping(other.asUser(clock))).rejects.toMatchObject({ code: "not_configured" });
  });

  it("says that Zoho did not answer, and changes nothing", async () => {
    sandbox.zoho.faults.add({ kind: "unavailable", count: 1 });
    await expect(set(LAST_NAME)).rejects.toMatchObject({ code: "vendor_unavailable" });
  });

  it("no longer writes a field that was removed there", async () => {
    world.org().fields = world.org().fields.filter(({ name }) => name !== "Offense");
    clock.advance(15 * MINUTE);
    const leadId = await leadOf(firm, { email: "later@example.com" });
    await run(firm, "push");
    expect(await recordOf(firm, leadId)).toEqual({ Last_Name: "FICTUS", Email: "later@example.com" });
  });
});

describe("the route", () => {
  it("reads and changes the mapping for a person of the firm", async () => {
    const people = await makeFirmWithPassword();
    const cookie = await signInTo(people);
    const headers = { cookie, origin: originOfFirm(people) };
    const refused = await call(GET, "/api/connections/zoho/fields", { host: hostOf(people), headers });
    expect(refused.status).toBe(503);
    const bad = await call(PUT, "/api/connections/zoho/fields", {
      method: "PUT",
      host: hostOf(people),
      headers,
      body: { fields: [{ ...LAST_NAME, theirs: "1; DROP" }] },
    });
    expect(bad.status).toBe(422);
    expect(bad.json<{ invalidParams: { name: string }[] }>().invalidParams[0]?.name).toBe("fields[0].theirs");
  });
});
