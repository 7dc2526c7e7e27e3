import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareExport } from "@/lib/domain/reports/exports/prepare-export";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { closeDatabase } from "@/lib/platform/db";
import { hostOf, makeFirmWithPassword, originOfFirm, type Reply, type Route, sessionOf } from "../http/call";
import { keepFile, pdf } from "../leads/evidence-world";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { type Asked, allRoutes, type Sender, sendTo as sendToOneOf } from "./all-routes";
import { CANARY, consultation, contact, FIRMLESS, lead, type Owned, ROWS, type Row } from "./key-rows";
import { PEOPLE_ROWS } from "./people-rows";

// Two firms on every route and method that the house has. A route without a row fails the first test: sort it into key-rows.ts, or people-rows.ts when no key
// can ever ask it.

let routes: Record<string, Route> = {};
beforeAll(async () => {
  routes = await allRoutes();
});
afterAll(closeDatabase);

/** What a row's request names of its owner's records. */
function namedBy(row: Row): ReadonlySet<string> {
  const named = new Set<string>();
  const owned = new Proxy({} as Owned, { get: (_, name) => named.add(String(name)) && "" });
  row.ask(owned);
  return named;
}

/** Makes records of a firm's, of each kind or of the kinds that a row names. */
async function addOwned(firm: TestFirm, row?: Row): Promise<Owned> {
  const named = row && namedBy(row);
  const wants = (...kinds: (keyof Owned)[]) => !named || kinds.some((kind) => named.has(kind));
  const headers = { authorization: `Bearer ${firm.key.text}` };
  const idOf = async (name: string, asked: Asked) => (await sendTo(name, asked, { headers })).json<{ id: string }>().id;
  const sourceId = `form-${firm.id}`;
  const owned = { leadId: "", contactId: "", runId: "", sourceId, consultationId: "", exportId: "", evidenceId: "" };
  if (wants("leadId", "contactId", "consultationId", "evidenceId")) {
    const leads = [lead(sourceId), lead(`${sourceId}-2`)];
    const reply = await sendTo("POST /api/leads/ingest", { body: { source: "api", leads } }, { headers });
    const [first, other] = reply.json<{ results: { leadId: string }[] }>().results.map((result) => result.leadId);
    owned.leadId = first ?? "";
    if (wants("contactId"))
      owned.contactId = await idOf("POST /api/leads/[id]/contacts", { ids: { id: owned.leadId }, body: contact });
    if (wants("consultationId"))
      owned.consultationId = await idOf("POST /api/consultations", { body: consultation(other ?? "") });
    if (wants("evidenceId"))
      owned.evidenceId = (await keepFile(firm.asKey(), owned.leadId, pdf(CANARY), `${CANARY}.pdf`)).id;
  }
  if (wants("runId")) owned.runId = await idOf("POST /api/ingest/runs", { body: { source: "api" } });
  if (wants("exportId")) {
    owned.exportId = await idOf("POST /api/exports", { body: { kind: "leads", filter: { q: CANARY } } });
    await prepareExport(jobCtx(firm.id, "export.prepare"), owned.exportId);
  }
  return owned;
}

/** Firms that may no longer come in, by what was done to them, and firms whose key has every scope but one. */
const made = new Map<string, Promise<TestFirm>>();
const once = (name: string, make: () => Promise<TestFirm>): Promise<TestFirm> => {
  const firm = made.get(name) ?? make();
  made.set(name, firm);
  return firm;
};
const firmAfter = (change: string) =>
  once(change, async () => {
    const gone = await makeFirm();
    await asOwner(gone.id, (client) => client.query(change, [gone.id]));
    return gone;
  });
const firmWithout = (scope: string) =>
  once(scope, () => {
    const all = ["leads:ingest", "leads:read", "leads:write", "enrich:run", "export:read"];
    return makeFirm({ scopes: all.filter((each) => each !== scope) });
  });

const sendTo = (name: string, asked: Asked, sender: Sender): Promise<Reply> => sendToOneOf(routes, name, asked, sender);

it("has a row for every route and method of app/api", () => {
  const known = new Set([...Object.keys(ROWS), ...Object.keys(PEOPLE_ROWS), ...FIRMLESS]);
  expect(Object.keys(routes).filter((name) => !known.has(name))).toEqual([]);
  expect([...known].filter((name) => !routes[name])).toEqual([]);
});

describe.each(Object.entries(ROWS))("%s", (name, row) => {
  let ours: TestFirm;
  let theirs: TestFirm;
  let owned: Owned;
  let asked: Asked;
  beforeAll(async () => {
    [ours, theirs] = await Promise.all([makeFirmWithPassword(), makeFirmWithPassword()]);
    owned = await addOwned(ours);
    asked = row.ask(owned);
  });
  const withKey = (key: string, host?: string) =>
    sendTo(name, asked, { host, headers: { authorization: `Bearer ${key}` } });
  const withCookie = (host: string, cookie: string) =>
    sendTo(name, asked, { host, headers: { cookie, origin: `http://${host}` } });
  const problem = (reply: Reply) => {
    expect(reply.headers.get("content-type")).toContain("application/problem+json");
    expect(reply.text).not.toContain(CANARY);
    return reply.status;
  };

  it("refuses nobody, garbage, a revoked, an expired key and a key without the scope", async () => {
    expect(problem(await sendTo(name, asked, {}))).toBe(401);
    expect(problem(await sendTo(name, asked, { host: hostOf(ours), headers: { origin: originOfFirm(ours) } }))).toBe(
      401,
    );
    expect(problem(await withKey("arl_live_not_a_key"))).toBe(401);
    expect(problem(await withKey(ours.key.text.replace(/.$/, (last) => (last === "0" ? "1" : "0"))))).toBe(401);
    expect(problem(await withKey((await firmWithout(row.scope)).key.text))).toBe(403);
    for (const change of ["revoked_at = now()", "expires_at = now()"]) {
      const gone = await firmAfter(`UPDATE api_key SET ${change} WHERE tenant_id = $1`);
      expect(problem(await withKey(gone.key.text))).toBe(401);
    }
  });

  it("refuses our key on the other firm's host, and a key of a suspended firm", async () => {
    expect(problem(await withKey(ours.key.text, hostOf(theirs)))).toBe(401);
    const shut = await firmAfter("UPDATE tenant SET status = 'suspended' WHERE id = $1");
    expect(problem(await withKey(shut.key.text))).toBe(401);
  });

  it("gives the other firm nothing of ours, and changes nothing of ours", async () => {
    const before = await eventsOf(ours);
    const reply = await withKey(theirs.key.text);
    expect(reply.status).toBe(row.foreign === 404 ? 404 : row.ok);
    expect(reply.text).not.toContain(CANARY);
    expect(reply.text).not.toContain(owned.contactId);
    const cookie = await sessionOf(theirs);
    const asPerson = await withCookie(hostOf(theirs), cookie);
    expect(asPerson.status).toBe(row.people ? (row.foreign === 404 ? 404 : row.ok) : 401);
    if (name !== "POST /api/leads/ingest") expect(asPerson.text).not.toContain(CANARY);
    expect(await eventsOf(ours)).toEqual(before);
  });

  it("takes our session for nobody on the other firm's host and on our own address", async () => {
    const cookie = await sessionOf(ours);
    expect(problem(await withCookie(hostOf(theirs), cookie))).toBe(401);
    expect(problem(await withCookie("localhost:3000", cookie))).toBe(401);
  });

  it("lets people do what their role says", async () => {
    const viewers = await makeFirmWithPassword({ role: "viewer" });
    asked = row.ask(await addOwned(viewers, row));
    const reply = await withCookie(hostOf(viewers), await sessionOf(viewers));
    expect(reply.status).toBe(row.people === "all" ? row.ok : row.people ? 403 : 401);
    asked = row.ask(owned);
  });

  it("serves its own firm, on our address and on the firm's host", async () => {
    for (const host of ["localhost:3000", hostOf(ours)]) {
      asked = row.ask(await addOwned(ours, row));
      expect((await withKey(ours.key.text, host)).status).toBe(row.ok);
    }
    if (!row.people) return;
    asked = row.ask(await addOwned(ours, row));
    expect((await withCookie(hostOf(ours), await sessionOf(ours))).status).toBe(row.ok);
  });
});
