import Papa from "papaparse";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as csv } from "@/app/api/audit/export/route";
import { GET as page } from "@/app/api/audit/route";
import type { AuditPage } from "@/lib/contracts/audit";
import { closeDatabase } from "@/lib/platform/db";
import { call, hostOf, makeFirmWithPassword, originOfFirm, type Route, signInTo } from "../http/call";
import { asOwner, type TestFirm } from "../setup/firms";
import { ownDatabase } from "../setup/own-database";
import { fillWithEvents } from "./chain";

let firm: TestFirm;
let cookie: string;
const ask = (route: Route, query = "") =>
  call(route, `/api/audit${query}`, { host: hostOf(firm), headers: { cookie, origin: originOfFirm(firm) } });

beforeAll(async () => {
  firm = await makeFirmWithPassword();
  cookie = await signInTo(firm);
});
afterAll(closeDatabase);

describe("GET /api/audit", () => {
  it("gives a page as the contract says, with sign-in on top, and the next by its cursor", async () => {
    const first = (await ask(page, "?limit=1&group=auth")).json<AuditPage>();
    expect(first.entries[0]).toMatchObject({
      type: "auth.signed_in",
      actor: { id: firm.user.id, name: "Dana Counsel" },
    });
    const next = await ask(page, `?limit=1&group=auth&cursor=${first.nextCursor}`);
    expect(next.json<AuditPage>().entries[0]?.type).toBe("auth.password_accepted");
  });

  it.each([
    ["group=moon", "group"],
    ["from=yesterday", "from"],
    ["lead=x", "lead"],
    ["limit=0", "limit"],
    ["limit=9999", "limit"],
    ["group=auth&group=user", "group"],
    ["secret=1", "secret"],
    ["actor=%00", "actor"],
  ])("names what it cannot read: %s", async (query, field) => {
    const reply = await ask(page, `?${query}`);
    expect(reply.status).toBe(422);
    expect(JSON.stringify(reply.json().invalidParams)).toContain(field);
  });
});

describe("GET /api/audit/export", () => {
  it("is a file under the firm's own date, with the filter of the page", async () => {
    const reply = await ask(csv, "?group=auth");
    expect(reply.headers.get("content-type")).toContain("text/csv");
    expect(reply.headers.get("content-disposition")).toMatch(
      /^attachment; filename="arrestra-audit-\d{4}-\d\d-\d\d\.csv"$/,
    );
    const types = Papa.parse<{ type: string }>(reply.text, { header: true, skipEmptyLines: true }).data;
    expect(types.every(({ type }) => type.startsWith("auth."))).toBe(true);
    expect(types.length).toBeGreaterThan(1);
  });

  it("of more than a thousand events needs a factor that was shown just now", async () => {
    await fillWithEvents(ownDatabase.adminUrl, firm.id, 1500);
    expect((await ask(csv)).status).toBe(200);
    await asOwner(firm.id, (client) => client.query("UPDATE session SET factor_at = now() - interval '11 minutes'"));
    const reply = await ask(csv);
    expect(reply.status).toBe(401);
    expect(reply.json().code).toBe("mfa_required");
    expect((await ask(csv, "?group=auth")).status).toBe(200);
  });
});
