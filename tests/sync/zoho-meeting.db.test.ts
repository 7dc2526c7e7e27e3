import { beforeEach, describe, expect, it } from "vitest";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { setMapping } from "@/lib/domain/sync/zoho/mapping";
import { eventsOf, type TestFirm } from "../setup/firms";
import {
  clock,
  connectedFirm,
  leadOf,
  linkOf,
  MINUTE,
  recordOf,
  run,
  START,
  sandbox,
  statusOf,
  world,
  writes,
  type ZohoFirm,
} from "./zoho-firm";

type Rule = "ours" | "theirs" | "newest";
const THERE = {
  Last_Name: "FICTUS-OLD",
  First_Name: "Ro",
  Email: "Rowan@example.com",
  Phone: "(512) 555-0100",
  Lead_Status: "Lost Lead",
  Description: "Known since 2019",
};
let firm: ZohoFirm;
beforeEach(async () => {
  sandbox.reset();
  clock.set(START);
  firm = await connectedFirm();
});

const setRules = async (of: ZohoFirm, rule: Rule, lastName: Rule = "ours") => {
  const lines = [
    { ours: "lastName", theirs: "Last_Name", rule: lastName },
    { ours: "firstName", theirs: "First_Name", rule },
    { ours: "email", theirs: "Email", rule },
    { ours: "phone", theirs: "Phone", rule },
    { ours: "status", theirs: "Lead_Status", rule },
    { ours: "county", theirs: "County", rule },
  ] as const;
  await setMapping(of.asUser(clock), { fields: [...lines] });
};
/** A record that the firm's people made before we ever wrote one, and the lead that it is about. */
const meet = async () => {
  const { id } = world.org().add({ ...THERE }, clock.now());
  clock.advance(MINUTE);
  const leadId = await leadOf(firm, { email: "rowan@example.com", phone: "(512) 555-0142" });
  return { id, leadId };
};
const said = async (of: TestFirm, leadId: string) =>
  (await eventsOf(of, leadId)).flatMap(({ type, data }) =>
    type === "sync.field_decided" ? [`${data.field} ${data.kept}`] : [],
  );
const phonesOf = async (leadId: string) =>
  (await getLeadDetail(firm.asUser(clock), leadId)).contacts
    .filter(({ kind }) => kind === "phone")
    .map(({ value }) => value)
    .toSorted();

describe("a record that was there before we ever wrote one", () => {
  // Seen red without: the look for a record before anything of a lead is written.
  it.each(["theirs", "newest"] as const)("keeps what the firm wrote there, by the rule %s", async (rule) => {
    await setRules(firm, rule);
    const { id, leadId } = await meet();
    await run(firm, "push");
    // What was empty there is ours; the key reads as we write it, which is the same address.
    expect(await recordOf(firm, leadId)).toEqual({
      ...THERE,
      Last_Name: "FICTUS",
      Email: "rowan@example.com",
      County: "Travis",
    });
    expect((await linkOf(firm, leadId))?.external_id).toBe(id);
    expect(await phonesOf(leadId)).toEqual(["+15125550100", "+15125550142"]);
    expect(await statusOf(firm, leadId)).toBe("lost");
    // Seen red without: the events of a first meeting.
    expect((await said(firm, leadId)).toSorted()).toEqual([
      "firstName theirs",
      "lastName ours",
      "phone theirs",
      "status theirs",
    ]);
    const before = writes();
    for (const resource of ["changes", "push", "changes", "push"] as const) await run(firm, resource);
    expect(writes()).toBe(before);
  });

  it("is given ours where the firm said so, and keeps what is not mapped", async () => {
    await setRules(firm, "ours");
    const { leadId } = await meet();
    await run(firm, "push");
    expect(await recordOf(firm, leadId)).toEqual({
      Last_Name: "FICTUS",
      First_Name: "ROWAN",
      Email: "rowan@example.com",
      Phone: "+15125550142",
      Lead_Status: "Contacted",
      County: "Travis",
      Description: THERE.Description,
    });
    expect(await statusOf(firm, leadId)).toBe("responded");
    expect(new Set(await said(firm, leadId))).toEqual(
      new Set(["firstName ours", "lastName ours", "phone ours", "status ours"]),
    );
  });

  it("keeps its name where the name is theirs", async () => {
    await setRules(firm, "theirs", "theirs");
    const { leadId } = await meet();
    await run(firm, "push");
    // Seen red without: the first row that holds nothing but its key.
    expect((await recordOf(firm, leadId))?.Last_Name).toBe("FICTUS-OLD");
  });

  it("is met also where Zoho wants a name of every row", async () => {
    await setRules(firm, "theirs");
    const { leadId } = await meet();
    world
      .org()
      .rowErrors.push({ code: "MANDATORY_NOT_FOUND", field: "Last_Name", email: "rowan@example.com", count: 1 });
    await run(firm, "push");
    expect(await recordOf(firm, leadId)).toMatchObject({ Phone: THERE.Phone, Lead_Status: THERE.Lead_Status });
    expect(world.org().leads.size).toBe(1);
  });

  it("is met once when answers are lost on the way, and every page that was read is on the trail", async () => {
    await setRules(firm, "theirs");
    const { leadId } = await meet();
    sandbox.zoho.faults.add({ kind: "truncate", path: "/Leads/upsert", count: 1 });
    await run(firm, "push");
    clock.advance(60 * MINUTE);
    await run(firm, "push");
    expect(await recordOf(firm, leadId)).toMatchObject({ Phone: THERE.Phone, Lead_Status: THERE.Lead_Status });
    const fetched = (await eventsOf(firm)).filter(({ type }) => type === "sync.fetched");
    expect(fetched.map(({ data }) => data)).toContainEqual({
      connectionId: firm.connectionId,
      provider: "zoho",
      resource: "leads",
      items: 1,
      because: "change",
    });
  });
});

describe("two firms in one organization that share an address", () => {
  it.each(["ours", "newest"] as const)("come to rest at one record, by the rule %s", async (rule) => {
    const other = await connectedFirm();
    await setRules(firm, rule);
    await setRules(other, rule);
    const mine = await leadOf(firm, { name: "FICTUS, ROWAN", email: "shared@example.com", phone: "(512) 555-0142" });
    const theirs = await leadOf(other, { name: "OTHER, ONA", email: "shared@example.com", phone: "(512) 555-0143" });
    const round = async () => {
      for (const each of [firm, other]) {
        await run(each, "push");
        await run(each, "changes");
        clock.advance(6 * MINUTE);
      }
    };
    await round();
    await changeLeadStatus(firm.asUser(clock), { leadId: mine, to: "consultation" });
    await changeLeadStatus(other.asUser(clock), { leadId: theirs, to: "lost", reason: "Went elsewhere" });
    for (let rounds = 0; rounds < 3; rounds += 1) await round();
    const before = writes();
    await round();
    expect(writes()).toBe(before);
    expect((await linkOf(firm, mine))?.external_id).toBe((await linkOf(other, theirs))?.external_id);
    expect(world.org().leads.size).toBe(1);
  });
});
