import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import { hostOf, makeFirmWithPassword, originOfFirm, type Reply, type Route, signInTo } from "../http/call";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { type Asked, allRoutes, type Sender, sendTo as sendToOneOf } from "./all-routes";
import { PEOPLE_ROWS } from "./people-rows";

// Two firms on every route and method that the house has. A route without a row fails the first test: sort it in here, or in people-rows.ts when no key
// can ever ask it.

type Row = {
  /** Scope of the key; the permission of the role. */
  scope: string;
  /** Whether people may come with their session, and whether a viewer may. */
  people?: "all" | "not viewers";
  /** What the owner of the record gets. */
  ok: number;
  /** What the other firm gets for the same request: `not_found`, or its own, which holds nothing of the first. */
  foreign: 404 | "its own";
  ask: (owned: Owned) => Asked;
};
type Owned = { leadId: string; contactId: string; runId: string; sourceId: string };

const CANARY = "ZEBRAFINCH";
const lead = (sourceId: string) => ({
  sourceId,
  name: { full: `${CANARY}, ROWAN` },
  county: "Travis",
  charges: [{ offense: `${CANARY} OFFENSE`, causeNumber: `${CANARY}-1`, bailCents: 100 }],
});
const contact = { kind: "email", value: `${CANARY}@person.example`, givenBy: CANARY, basis: "referral", check: false };
const finished = {
  status: "succeeded",
  found: 0,
  new: 0,
  changed: 0,
  same: 0,
  rejected: 0,
  suppressed: 0,
  withdrawn: 0,
};

const ROWS: Record<string, Row> = {
  "POST /api/leads/ingest": {
    scope: "leads:ingest",
    ok: 200,
    foreign: "its own",
    ask: ({ sourceId }) => ({ body: { source: "api", leads: [lead(sourceId)] } }),
  },
  "POST /api/ingest/runs": {
    scope: "leads:ingest",
    ok: 201,
    foreign: "its own",
    ask: () => ({ body: { source: "api" } }),
  },
  "PATCH /api/ingest/runs/[id]": {
    scope: "leads:ingest",
    ok: 200,
    foreign: 404,
    ask: ({ runId }) => ({ ids: { id: runId }, body: finished }),
  },
  "GET /api/ingest/known": {
    scope: "leads:ingest",
    ok: 200,
    foreign: "its own",
    ask: () => ({ query: "?source=api" }),
  },
  "GET /api/leads": {
    scope: "leads:read",
    people: "all",
    ok: 200,
    foreign: "its own",
    ask: () => ({ query: `?q=${CANARY}` }),
  },
  "GET /api/leads/[id]": {
    scope: "leads:read",
    people: "all",
    ok: 200,
    foreign: 404,
    ask: ({ leadId }) => ({ ids: { id: leadId } }),
  },
  "POST /api/leads/status": {
    scope: "leads:write",
    people: "not viewers",
    ok: 200,
    foreign: 404,
    ask: ({ leadId }) => ({ body: { leadId, to: "reviewed" } }),
  },
  "POST /api/leads/enrich/contact": {
    scope: "enrich:run",
    people: "not viewers",
    ok: 202,
    foreign: "its own",
    ask: ({ leadId }) => ({ body: { leadIds: [leadId] } }),
  },
  "GET /api/leads/export": {
    scope: "export:read",
    people: "not viewers",
    ok: 200,
    foreign: "its own",
    ask: () => ({ query: `?q=${CANARY}` }),
  },
  "POST /api/leads/[id]/contacts": {
    scope: "leads:write",
    people: "not viewers",
    ok: 201,
    foreign: 404,
    ask: ({ leadId }) => ({ ids: { id: leadId }, body: { ...contact, value: `${leadId}@person.example` } }),
  },
  "PATCH /api/leads/[id]/contacts/[contactId]": {
    scope: "leads:write",
    people: "not viewers",
    ok: 200,
    foreign: 404,
    ask: ({ leadId, contactId }) => ({
      ids: { id: leadId, contactId },
      body: { value: `${contactId}@person.example` },
    }),
  },
  "DELETE /api/leads/[id]/contacts/[contactId]": {
    scope: "leads:write",
    people: "not viewers",
    ok: 204,
    foreign: 404,
    ask: ({ leadId, contactId }) => ({ ids: { id: leadId, contactId } }),
  },
};

/** Routes that carry no firm's data; what they do is tested where it is named. */
const FIRMLESS = new Set([
  "GET /api/health", // tests/http/server.test.ts
  "GET /api/health/details", // tests/http/operator.test.ts
  "GET /api/auth/[...nextauth]", // tests/auth/sign-in.db.test.ts
  "POST /api/auth/[...nextauth]",
  "POST /api/account/step-up", // tests/auth/step-up.db.test.ts
  "POST /api/account/step-up/options",
  "POST /api/internal/schedules", // tests/http/service-tokens.test.ts: opened by a service token alone, on our own address
  "POST /api/join", // tests/auth/account-join.db.test.ts
  "POST /api/join/offer",
  "POST /api/recover/password", // tests/auth/account-recover.db.test.ts
  "POST /api/recover/factor",
  "POST /api/recover/factor/offer",
  ...["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => `${method} /api/[[...rest]]`), // tests/http/server.test.ts
]);

let routes: Record<string, Route> = {};
beforeAll(async () => {
  routes = await allRoutes();
});
afterAll(closeDatabase);

async function addOwned(firm: TestFirm): Promise<Owned> {
  const headers = { authorization: `Bearer ${firm.key.text}` };
  const send = (name: string, asked: Asked) => sendTo(name, asked, { headers });
  const sourceId = `form-${firm.id}`;
  const report = (await send("POST /api/leads/ingest", { body: { source: "api", leads: [lead(sourceId)] } })).json<{
    results: { leadId: string }[];
  }>();
  const leadId = report.results[0]?.leadId ?? "";
  const added = (await send("POST /api/leads/[id]/contacts", { ids: { id: leadId }, body: contact })).json<{
    id: string;
  }>();
  const run = (await send("POST /api/ingest/runs", { body: { source: "api" } })).json<{ id: string }>();
  return { leadId, contactId: added.id, runId: run.id, sourceId };
}

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
    const others = ["leads:ingest", "leads:read", "leads:write", "enrich:run", "export:read"].filter(
      (scope) => scope !== row.scope,
    );
    const narrow = await makeFirm({ scopes: others });
    expect(problem(await withKey(narrow.key.text))).toBe(403);
    for (const change of ["revoked_at = now()", "expires_at = now()"]) {
      const gone = await makeFirm();
      await asOwner(gone.id, (client) => client.query(`UPDATE api_key SET ${change}`));
      expect(problem(await withKey(gone.key.text))).toBe(401);
    }
  });

  it("refuses our key on the other firm's host, and a key of a suspended firm", async () => {
    expect(problem(await withKey(ours.key.text, hostOf(theirs)))).toBe(401);
    const shut = await makeFirm();
    await asOwner(shut.id, (client) => client.query("UPDATE tenant SET status = 'suspended' WHERE id = $1", [shut.id]));
    expect(problem(await withKey(shut.key.text))).toBe(401);
  });

  it("gives the other firm nothing of ours, and changes nothing of ours", async () => {
    const before = await eventsOf(ours);
    const reply = await withKey(theirs.key.text);
    expect(reply.status).toBe(row.foreign === 404 ? 404 : row.ok);
    expect(reply.text).not.toContain(CANARY);
    expect(reply.text).not.toContain(owned.contactId);
    const cookie = await signInTo(theirs);
    const asPerson = await withCookie(hostOf(theirs), cookie);
    expect(asPerson.status).toBe(row.people ? (row.foreign === 404 ? 404 : row.ok) : 401);
    if (name !== "POST /api/leads/ingest") expect(asPerson.text).not.toContain(CANARY);
    expect(await eventsOf(ours)).toEqual(before);
  });

  it("takes our session for nobody on the other firm's host and on our own address", async () => {
    const cookie = await signInTo(ours);
    expect(problem(await withCookie(hostOf(theirs), cookie))).toBe(401);
    expect(problem(await withCookie("localhost:3000", cookie))).toBe(401);
  });

  it("lets people do what their role says", async () => {
    const viewers = await makeFirmWithPassword({ role: "viewer" });
    asked = row.ask(await addOwned(viewers));
    const reply = await withCookie(hostOf(viewers), await signInTo(viewers));
    expect(reply.status).toBe(row.people === "all" ? row.ok : row.people ? 403 : 401);
    asked = row.ask(owned);
  });

  it("serves its own firm, on our address and on the firm's host", async () => {
    for (const host of ["localhost:3000", hostOf(ours)]) {
      asked = row.ask(await addOwned(ours));
      expect((await withKey(ours.key.text, host)).status).toBe(row.ok);
    }
    if (!row.people) return;
    asked = row.ask(await addOwned(ours));
    expect((await withCookie(hostOf(ours), await signInTo(ours))).status).toBe(row.ok);
  });
});
