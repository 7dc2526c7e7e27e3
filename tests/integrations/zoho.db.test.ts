import { afterAll, afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import {
  getDeleted,
  getLeads,
  getLeadsById,
  identify,
  listFields,
  sharesKey,
  updateLeads,
  upsertLeads,
  type ZohoPlace,
} from "@/lib/integrations/zoho";
import { closeDatabase } from "@/lib/platform/db";
import { startSandbox } from "../../sandbox/server";

const clock = fixedClock("2026-11-23T15:00:00Z");
const sandbox = await startSandbox({ env: "test", clock });
const { world } = sandbox.zoho;
process.env.ZOHO_SANDBOX_URL = sandbox.zoho.url;

afterEach(() => {
  sandbox.reset();
  clock.set("2026-11-23T15:00:00Z");
});
afterAll(async () => {
  await closeDatabase();
  await sandbox.close();
});

const access = (orgId = "700000001") => ({
  authorization: `Zoho-oauthtoken ${world.token(orgId)}`,
  accountId: orgId,
  settings: { dataCenter: "us" },
});
const lead = (name: string, email?: string) => ({ Last_Name: name, ...(email ? { Email: email } : {}) });
const last = () => {
  const [request] = sandbox.log.last("zoho", 1);
  return `${request?.method} ${decodeURIComponent((request?.path ?? "").replaceAll("+", " "))}`;
};

describe("leads by their ids", () => {
  it("come as they stand, without those that are gone", async () => {
    const { id } = world.org().add(lead("FICTUS", "rowan@example.com"), clock.now());
    world.org().add(lead("OTHER"), clock.now());
    const ids = [id, "7000000015999999999"];
    const { leads } = await getLeadsById(access(), { fields: ["Last_Name"], ids });
    expect(leads).toMatchObject([{ id, fields: { Last_Name: "FICTUS" } }]);
    expect(last()).toBe(`GET /zoho/crm/v8/Leads?fields=Last_Name,Modified_Time&ids=${ids.join(",")}&per_page=200`);
    expect((await getLeadsById(access(), { fields: ["Last_Name"], ids: ["7000000015999999999"] })).leads).toEqual([]);
  });
});

describe("what is asked", () => {
  it("asks for the organization and for the fields of a lead", async () => {
    expect(await identify(access())).toEqual({ accountId: "700000001", label: "Smith Law", settings: {} });
    expect(last()).toBe("GET /zoho/crm/v8/org");
    const { fields } = await listFields(access());
    expect(last()).toBe("GET /zoho/crm/v8/settings/fields?module=Leads");
    expect(fields.find(({ name }) => name === "Lead_Status")).toMatchObject({ type: "picklist", isUnique: false });
    expect(fields.find(({ name }) => name === "Last_Name")).toMatchObject({ isMandatory: true, isReadOnly: false });
  });

  it("names the fields it wants, the page, the order, and since when", async () => {
    world.org().add(lead("FICTUS"), clock.now());
    await getLeads(access(), { fields: ["Email"], since: new Date("2026-11-23T14:00:00.500Z") });
    expect(last()).toBe(
      "GET /zoho/crm/v8/Leads?fields=Email,Modified_Time&per_page=200&sort_by=Modified_Time&sort_order=asc&page=1",
    );
    await getDeleted(access(), 3);
    expect(last()).toBe("GET /zoho/crm/v8/Leads/deleted?type=all&page=3&per_page=200");
  });

  it("sets off no workflow, names the fields that tell leads apart, and sends at most a hundred rows", async () => {
    await upsertLeads(access(), [lead("FICTUS", "a@example.com")], ["Email"]);
    expect(last()).toBe("POST /zoho/crm/v8/Leads/upsert");
    expect(world.org().lastWrite).toEqual({
      data: [lead("FICTUS", "a@example.com")],
      duplicate_check_fields: ["Email"],
      trigger: [],
    });
    const rows = Array.from({ length: 101 }, (_, index) => lead(`L${index}`));
    await expect(upsertLeads(access(), rows, ["Email"])).rejects.toThrow("At most 100");
  });
});

describe("rows", () => {
  it("gives each row its own result, in order, whatever the status", async () => {
    const { id } = world.org().add(lead("OLD", "b@example.com"), clock.now());
    const rows = [
      lead("ONE", "a@example.com"),
      lead("TWO", "b@example.com"),
      lead("", "c@example.com"),
      lead("FOUR", "no address"),
    ];
    const { rows: results } = await upsertLeads(access(), rows, ["Email"]);
    expect(sandbox.log.last("zoho", 1)[0]?.status).toBe(207);
    expect(results).toEqual([
      { isWritten: true, id: expect.stringMatching(/^\d{16,}$/), action: "insert", modifiedAt: clock.now() },
      { isWritten: true, id, action: "update", modifiedAt: clock.now() },
      { isWritten: false, code: "MANDATORY_NOT_FOUND", field: "Last_Name", existingId: null },
      { isWritten: false, code: "INVALID_DATA", field: "Email", existingId: null },
    ]);
  });

  it.each([
    "RECORD_LOCKED",
    "RECORD_IN_BLUEPRINT",
    "ID_ALREADY_CONVERTED",
    "NOT_APPROVED",
    "PATTERN_NOT_MATCHED",
    "DEPENDENT_FIELD_MISSING",
  ])("reads %s of a single row, which comes with status 400", async (code) => {
    world.org().rowErrors.push({ code, field: "Email", count: 1 });
    const { rows } = await upsertLeads(access(), [lead("FICTUS")], ["Email"]);
    expect(sandbox.log.last("zoho", 1)[0]?.status).toBe(400);
    expect(rows).toEqual([{ isWritten: false, code, field: "Email", existingId: null }]);
  });

  it("names the record that holds a unique value already", async () => {
    world.org().fields.push({ name: "Case", label: "Case", type: "text", isUnique: true });
    const { id } = world.org().add({ ...lead("OLD"), Case: "A-1" }, clock.now());
    const { rows } = await upsertLeads(access(), [{ ...lead("NEW"), Case: "A-1" }], ["Email"]);
    expect(rows).toEqual([{ isWritten: false, code: "DUPLICATE_DATA", field: "Case", existingId: id }]);
  });

  it("updates by id with the fields given and no others, and keeps the digits of ids that come as numbers", async () => {
    world.hasNumericIds = true;
    const { id, fields } = world.org().add(lead("OLD", "a@example.com"), clock.now());
    const { rows } = await updateLeads(access(), [{ id, Last_Name: "NEW" }]);
    expect(last()).toBe("PUT /zoho/crm/v8/Leads");
    expect(rows[0]).toMatchObject({ isWritten: true, id });
    expect(fields).toEqual({ Last_Name: "NEW", Email: "a@example.com" });
    // Seen red without: the text of a long number kept as it was sent.
    expect((await getLeads(access(), { fields: ["Email"] })).leads.map((each) => each.id)).toEqual([id]);
  });

  it("knows rows that would become one record", () => {
    expect(sharesKey(lead("A", "x@example.com"), lead("B", "X@example.com"), ["Email"])).toBe(true);
    expect(sharesKey(lead("A"), lead("B"), ["Email"])).toBe(false);
  });
});

describe("lists", () => {
  it("reads past 2,000 rows: by page, then by token", async () => {
    for (let index = 0; index < 2450; index += 1) world.org().add(lead(`L${index}`), clock.now());
    const seen = new Set<string>();
    const shared = access();
    const places: ZohoPlace[] = [];
    for (let place: ZohoPlace | null = { page: 1 }; place; ) {
      places.push(place);
      const page: Awaited<ReturnType<typeof getLeads>> = await getLeads(shared, { fields: ["Email"], place });
      for (const { id } of page.leads) seen.add(id);
      place = page.next;
    }
    expect(seen.size).toBe(2450);
    expect(places.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, index) => ({ page: index + 1 })));
    // Seen red without: the token past page ten.
    expect(places.slice(10)).toEqual(Array(3).fill({ pageToken: expect.stringMatching(/^\w+$/) }));
  });

  it("takes 304 and 204 for nothing", async () => {
    expect(await getLeads(access(), { fields: ["Email"] })).toMatchObject({ leads: [], next: null });
    expect(sandbox.log.last("zoho", 1)[0]?.status).toBe(204);
    world.org().add(lead("OLD"), clock.now());
    expect(await getLeads(access(), { fields: ["Email"], since: clock.now() })).toMatchObject({ leads: [] });
    expect(sandbox.log.last("zoho", 1)[0]?.status).toBe(304);
    expect(await getDeleted(access())).toMatchObject({ deleted: [], hasMore: false });
  });

  it("lists what was deleted", async () => {
    const { id } = world.org().add(lead("OLD"), clock.now());
    world.org().remove(id, clock.now());
    expect(await getDeleted(access())).toMatchObject({ deleted: [{ id, deletedAt: clock.now() }], hasMore: false });
  });
});

describe("refusals", () => {
  it.each([
    [401, "INVALID_TOKEN", { kind: "rejected", status: 401 }],
    [401, "AUTHENTICATION_FAILURE", { kind: "rejected", status: 401 }],
    // No new token has a right that is missing.
    [401, "OAUTH_SCOPE_MISMATCH", { kind: "rejected", status: 403 }],
    [403, "NO_PERMISSION", { kind: "rejected", status: 403 }],
    [400, "INVALID_MODULE", { kind: "rejected", status: 400 }],
    [400, "INVALID_DATA", { kind: "rejected", status: 400 }],
    [404, "INVALID_URL_PATTERN", { kind: "rejected", status: 404 }],
    [412, "RECORD_MODIFIED", { kind: "rejected", status: 412 }],
    [403, "LIMIT_EXCEEDED", { kind: "throttled", retryAfterMs: 3_600_000 }],
    [429, "LIMIT_EXCEEDED", { kind: "throttled", retryAfterMs: 3_600_000 }],
    [429, "TOO_MANY_REQUESTS", { kind: "throttled", retryAfterMs: 5000 }],
    [500, "INTERNAL_ERROR", { kind: "unavailable", status: 500 }],
    [400, "INTERNAL_ERROR", { kind: "unavailable" }],
  ] as const)("turns %i %s into %j", async (status, code, expected) => {
    world.refusals.push({ status, code, count: 1 });
    await expect(getLeads(access(), { fields: ["Email"] })).rejects.toMatchObject({
      name: "VendorError",
      code,
      ...expected,
    });
  });

  it.each([
    [
      { kind: "throttle", retryAfterSeconds: 7 },
      { kind: "throttled", retryAfterMs: 7000, status: 429 },
    ],
    [{ kind: "unavailable" }, { kind: "unavailable", status: 503 }],
    [{ kind: "reset" }, { kind: "unavailable" }],
    [{ kind: "garbage" }, { kind: "garbled" }],
    [{ kind: "captcha" }, { kind: "garbled" }],
    [{ kind: "truncate" }, { kind: "unavailable" }],
    [{ kind: "huge" }, { kind: "garbled" }],
  ] as const)("turns %j into %j", async (fault, expected) => {
    sandbox.zoho.faults.add({ ...fault, count: 1 });
    await expect(listFields(access())).rejects.toMatchObject({ name: "VendorError", ...expected });
  });

  it("refuses a token that nobody gave, and a right that was not given", async () => {
    const stranger = { ...access(), authorization: "Zoho-oauthtoken nobody" };
    await expect(identify(stranger)).rejects.toMatchObject({ status: 401, code: "INVALID_TOKEN" });
    const grant = world.oauth.grants.open({ accountId: "700000001", clientId: "c", scopes: ["ZohoCRM.org.ALL"] });
    const authorization = `Zoho-oauthtoken ${world.oauth.grants.accessToken(grant, clock.now().getTime() + 1000, null)}`;
    await expect(listFields({ ...access(), authorization })).rejects.toMatchObject({
      status: 403,
      code: "OAUTH_SCOPE_MISMATCH",
    });
  });

  it("says how many credits are left once half of them are used, and that they are used up", async () => {
    expect((await listFields(access())).creditsLeft).toBeNull();
    world.org().credits.used = 4000;
    expect((await listFields(access())).creditsLeft).toBe(999);
    world.org().credits.used = 5000;
    await expect(listFields(access())).rejects.toMatchObject({ kind: "throttled", code: "LIMIT_EXCEEDED" });
  });

  it("has at most five requests of one organization under way", async () => {
    for (let index = 0; index < 12; index += 1) sandbox.zoho.faults.add({ kind: "slow", delayMs: 60, count: 1 });
    const shared = access();
    await Promise.all(Array.from({ length: 12 }, () => listFields(shared)));
    // Seen red without: the places of an organization.
    expect(sandbox.log.totals("zoho").peakInFlight).toBeLessThanOrEqual(5);
  });
});
