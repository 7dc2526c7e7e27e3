import { beforeEach, describe, expect, it } from "vitest";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { compareZoho } from "@/lib/domain/sync/zoho/compare";
import { setMapping } from "@/lib/domain/sync/zoho/mapping";
import { eventsOf } from "../setup/firms";
import {
  clock,
  connectedFirm,
  cursorOf,
  leadOf,
  leadsOf,
  linkOf,
  MINUTE,
  recordOf,
  rows,
  run,
  START,
  sandbox,
  statusOf,
  world,
  writes,
  type ZohoFirm,
} from "./zoho-firm";

let firm: ZohoFirm;
let leadId: string;
let id: string;
/** A person there writes something into the record. */
const edit = (fields: Record<string, unknown>) => {
  clock.advance(MINUTE);
  world.org().edit(id, fields, clock.now());
  clock.advance(MINUTE);
};
const move = (to: "consultation" | "retained" | "responded" | "lost") => {
  clock.advance(MINUTE);
  return changeLeadStatus(firm.asUser(clock), { leadId, to, ...(to === "lost" ? { reason: "Went elsewhere" } : {}) });
};
const decided = async () =>
  (await eventsOf(firm, leadId)).filter(({ type }) => type === "sync.field_decided").map(({ data }) => data);
const contactsOf = async () => (await getLeadDetail(firm.asUser(clock), leadId)).contacts;

beforeEach(async () => {
  sandbox.reset();
  clock.set(START);
  firm = await connectedFirm();
  await run(firm, "changes");
  leadId = await leadOf(firm, { email: "rowan@example.com" });
  await run(firm, "push");
  id = (await linkOf(firm, leadId))?.external_id ?? "";
});

describe("changes there", () => {
  it("moves the lead where its pipeline allows it, and records what was read", async () => {
    edit({ Lead_Status: "Lost Lead" });
    await run(firm, "changes");
    expect(await statusOf(firm, leadId)).toBe("lost");
    const fetched = (await eventsOf(firm)).filter(({ type }) => type === "sync.fetched");
    const page = { connectionId: firm.connectionId, provider: "zoho", resource: "leads", because: "schedule" };
    // A page with nothing on it was read all the same.
    expect(fetched.map(({ data }) => data)).toEqual([
      { ...page, items: 0 },
      { ...page, items: 1 },
    ]);
    // Only they had changed it: nobody had to decide.
    expect(await decided()).toEqual([]);
  });

  it("leaves a status as it is where the move is not allowed; comparing shows it, and it is not written over", async () => {
    edit({ Lead_Status: "Not Contacted" });
    await run(firm, "changes");
    const before = writes();
    await run(firm, "push");
    await run(firm, "changes");
    expect(await statusOf(firm, leadId)).toBe("responded");
    expect((await recordOf(firm, leadId))?.Lead_Status).toBe("Not Contacted");
    expect(writes()).toBe(before);
    const report = await compareZoho(firm.job(), firm.connectionId);
    expect(report.items).toMatchObject([{ leadId, what: "different", fields: ["status"] }]);
  });

  it("takes a number and an address as contacts of the firm, and says nothing more after it", async () => {
    edit({ Phone: "(512) 555-0188", Email: "Rowan.New@example.com" });
    await run(firm, "changes");
    expect((await contactsOf()).toSorted((a, b) => (a.value < b.value ? -1 : 1))).toMatchObject([
      { value: "+15125550188", origin: "firm", givenBy: "Zoho CRM", basis: "person_contacted_firm" },
      { value: "rowan.new@example.com", origin: "firm", givenBy: "Zoho CRM" },
      { value: "rowan@example.com", origin: "source" },
    ]);
    const before = writes();
    clock.advance(6 * MINUTE);
    await run(firm, "push");
    await run(firm, "changes");
    expect(writes()).toBe(before);
    expect((await recordOf(firm, leadId))?.Phone).toBe("(512) 555-0188");
  });

  it("takes an older contact as the main one again when people there choose it", async () => {
    edit({ Email: "second@example.com" });
    await run(firm, "changes");
    edit({ Email: "rowan@example.com" });
    await run(firm, "changes");
    const before = writes();
    await run(firm, "push");
    expect(writes()).toBe(before);
    expect((await recordOf(firm, leadId))?.Email).toBe("rowan@example.com");
  });

  it.each(["", "no address at all"])("keeps ours when they write %j", async (value) => {
    edit({ Email: value });
    await run(firm, "changes");
    await run(firm, "push");
    expect((await contactsOf()).map((contact) => contact.value)).toEqual(["rowan@example.com"]);
    expect((await recordOf(firm, leadId))?.Email).toBe(value);
  });

  it("leaves records alone that stand for no lead", async () => {
    world.org().add({ Last_Name: "STRANGER", Email: "stranger@example.com" }, clock.now());
    clock.advance(MINUTE);
    await run(firm, "changes");
    const [{ count } = { count: "0" }] = await rows<{ count: string }>(firm, "SELECT count(*) FROM lead");
    expect(count).toBe("1");
  });

  it("reads an import of 2,300 that bear one time, by page and by token, also when the token ends on the way", async () => {
    const ids = await leadsOf(firm, 3);
    await run(firm, "push");
    clock.advance(MINUTE);
    for (let index = 0; index < 2300; index += 1) world.org().add({ Last_Name: `L${index}` }, clock.now());
    const last = (await linkOf(firm, ids[2] ?? ""))?.external_id ?? "";
    world.org().edit(last, { Lead_Status: "Lost Lead" }, clock.now());
    // The last of its second, since it is listed by id within one time.
    const moved = world.org().leads.get(last);
    if (moved) moved.id = `9${moved.id}`;
    await rows(firm, "UPDATE sync_link SET external_id = '9' || external_id WHERE external_id = $1", [last]);
    clock.advance(MINUTE);
    world.oauth.grants.expireAfter(4);
    await run(firm, "changes");
    expect(await statusOf(firm, ids[2] ?? "")).toBe("lost");
    expect(sandbox.log.last("zoho", 10_000).some(({ path }) => path.includes("page_token="))).toBe(true);
    expect((await cursorOf(firm, "changes"))?.problem).toBeNull();
  });
});

describe("a token of the pages", () => {
  it("that ended is dropped: the pull begins anew from where it was", async () => {
    clock.advance(MINUTE);
    for (let index = 0; index < 300; index += 1) world.org().add({ Last_Name: `L${index}` }, clock.now());
    edit({ Lead_Status: "Lost Lead" });
    const since = new Date(clock.now().getTime() - 5 * MINUTE).toISOString();
    const position = { since, place: { pageToken: "0".repeat(48) } };
    await rows(firm, "UPDATE sync_cursor SET position = $1 WHERE resource = 'changes'", [position]);
    await run(firm, "changes");
    // Seen red without: the token dropped.
    expect((await cursorOf(firm, "changes"))?.problem).toBeNull();
    await run(firm, "changes");
    expect(await statusOf(firm, leadId)).toBe("lost");
  });
});

describe("both sides changed a field", () => {
  const rule = async (of: "ours" | "theirs" | "newest") => {
    const fields = [
      { ours: "lastName", theirs: "Last_Name", rule: "ours" },
      { ours: "email", theirs: "Email", rule: of },
      { ours: "status", theirs: "Lead_Status", rule: of },
    ] as const;
    await setMapping(firm.asUser(clock), { fields: [...fields] });
  };
  // Seen red without: the look at what changed there before something is written.
  it.each([
    ["ours", "consultation", "Pre-Qualified", "ours"],
    ["theirs", "lost", "Lost Lead", "theirs"],
  ] as const)("follows the rule: %s", async (of, status, word, kept) => {
    await rule(of);
    await move("consultation");
    edit({ Lead_Status: "Lost Lead" });
    await run(firm, "push");
    await run(firm, "changes");
    await run(firm, "push");
    expect(await statusOf(firm, leadId)).toBe(status);
    expect((await recordOf(firm, leadId))?.Lead_Status).toBe(word);
    expect(await decided()).toEqual([
      { connectionId: firm.connectionId, provider: "zoho", field: "status", rule: of, kept },
    ]);
  });

  it("lets the newer one count where the firm said so", async () => {
    await rule("newest");
    await move("consultation");
    edit({ Lead_Status: "Lost Lead" });
    await run(firm, "changes");
    expect(await statusOf(firm, leadId)).toBe("lost");
    const other = await leadOf(firm, { email: "other@example.com" });
    await run(firm, "push");
    id = (await linkOf(firm, other))?.external_id ?? "";
    leadId = other;
    edit({ Lead_Status: "Lost Lead" });
    await move("consultation");
    await run(firm, "changes");
    await run(firm, "push");
    expect(await statusOf(firm, other)).toBe("consultation");
    expect((await recordOf(firm, other))?.Lead_Status).toBe("Pre-Qualified");
  });
});

describe("deletions there", () => {
  it("end the link; the lead stays, and is not written there again", async () => {
    world.org().remove(id, clock.now());
    await run(firm, "deletions");
    expect(await linkOf(firm, leadId)).toMatchObject({ state: "removed" });
    expect((await eventsOf(firm, leadId)).at(-1)).toMatchObject({
      type: "sync.removed_there",
      data: { resource: "leads", externalId: id },
    });
    await move("consultation");
    const before = writes();
    await run(firm, "push");
    // Seen red without: the links that were removed there left out.
    expect(writes()).toBe(before);
    expect(await statusOf(firm, leadId)).toBe("consultation");
    const said = (await eventsOf(firm, leadId)).length;
    await run(firm, "deletions");
    expect((await eventsOf(firm, leadId)).length).toBe(said);
  });

  it("are read as far back as they were read before, and no further", async () => {
    const bin = (many: number) => {
      for (let index = 0; index < many; index += 1) {
        clock.advance(MINUTE);
        world.org().remove(world.org().add({ Last_Name: `L${index}` }, clock.now()).id, clock.now());
      }
    };
    const pages = () => sandbox.log.last("zoho", 10_000).filter(({ path }) => path.includes("/deleted")).length;
    bin(450);
    await run(firm, "deletions");
    expect(pages()).toBe(3);
    world.org().remove(id, clock.now());
    bin(210);
    await run(firm, "deletions");
    // Seen red without: the end where the last walk began.
    expect(pages()).toBe(5);
    expect(await linkOf(firm, leadId)).toMatchObject({ state: "removed" });
    const fetched = (await eventsOf(firm)).filter(
      ({ type, data }) => type === "sync.fetched" && data.resource === "deletions",
    );
    expect(fetched).toHaveLength(5);
  });

  it("are noticed by a write that finds no record, before the list says so", async () => {
    world.org().remove(id, clock.now());
    await move("consultation");
    await run(firm, "push");
    expect(await linkOf(firm, leadId)).toMatchObject({ state: "removed" });
    expect(world.org().leads.size).toBe(0);
  });
});

describe("two firms in one organization", () => {
  it("never touch each other's leads", async () => {
    const other = await connectedFirm();
    const theirs = await leadOf(other, { name: "ELSE, EMIL", email: "emil@example.com" });
    await run(other, "push");
    edit({ Lead_Status: "Lost Lead" });
    await run(other, "changes");
    world.org().remove(id, clock.now());
    await run(other, "deletions");
    expect(await statusOf(other, theirs)).toBe("responded");
    expect(await statusOf(firm, leadId)).toBe("responded");
    expect((await linkOf(firm, leadId))?.state).toBe("linked");
    expect((await linkOf(other, theirs))?.state).toBe("linked");
  });
});
