import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import { hostOf, makeFirmWithPassword, originOfFirm, type Reply, type Route, sessionOf } from "../http/call";
import { ALL_SCOPES, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { type Asked, allRoutes, type Sender, sendTo } from "./all-routes";
import { PEOPLE_ROWS, type Visitor } from "./people-rows";

// What is for people alone: two firms, every kind of caller. Rows are in people-rows.ts.

let routes: Record<string, Route>;
beforeAll(async () => {
  routes = await allRoutes();
});
afterAll(closeDatabase);

const asPerson = (firm: Pick<TestFirm, "slug">, cookie: string): Sender => ({
  host: hostOf(firm),
  headers: { cookie, origin: originOfFirm(firm), "content-type": "application/json" },
});

async function visit(firm: TestFirm): Promise<Visitor> {
  const cookie = await sessionOf(firm);
  return { firm, cookie, send: (name, asked = {}) => sendTo(routes, name, asked, asPerson(firm, cookie)) };
}

const problem = (reply: Reply): number => {
  expect(reply.headers.get("content-type")).toContain("application/problem+json");
  return reply.status;
};

describe.each(Object.entries(PEOPLE_ROWS))("%s", (name, row) => {
  let ours: Visitor;
  let theirs: Visitor;
  let asked: Asked;
  beforeAll(async () => {
    const firms = await Promise.all([makeFirmWithPassword(), makeFirmWithPassword()]);
    [ours, theirs] = await Promise.all([visit(firms[0]), visit(firms[1])]);
    asked = await row.ask(ours);
  });

  it("is refused to nobody, to garbage, and to a key whatever its scopes", async () => {
    expect(problem(await sendTo(routes, name, asked, asPerson(ours.firm, "")))).toBe(401);
    expect(problem(await sendTo(routes, name, asked, asPerson(ours.firm, "arrestra.session=garbage")))).toBe(401);
    const garbage = { headers: { authorization: "Bearer arl_live_not_a_key" } };
    expect(problem(await sendTo(routes, name, asked, garbage))).toBe(401);
    const { key } = await makeFirm({ scopes: [...ALL_SCOPES, "account:own", "users:manage", "keys:manage"] });
    expect(problem(await sendTo(routes, name, asked, { headers: { authorization: `Bearer ${key.text}` } }))).toBe(403);
  });

  it("takes our session for nobody on the other firm's host and on our own address", async () => {
    expect(problem(await sendTo(routes, name, asked, asPerson(theirs.firm, ours.cookie)))).toBe(401);
    const apex = { ...asPerson(ours.firm, ours.cookie), host: "localhost:3000" };
    expect(problem(await sendTo(routes, name, asked, apex))).toBe(401);
  });

  it("is refused to a page of another origin", async () => {
    if (name.startsWith("GET ")) return;
    const { headers } = asPerson(ours.firm, ours.cookie);
    const foreign = { host: hostOf(ours.firm), headers: { ...headers, origin: originOfFirm(theirs.firm) } };
    expect(problem(await sendTo(routes, name, asked, foreign))).toBe(403);
  });

  it("gives the other firm nothing of ours, and changes nothing of ours", async () => {
    const before = await eventsOf(ours.firm);
    const reply = await theirs.send(name, asked);
    expect(reply.status, reply.text).toBe(row.foreign);
    for (const { id, email } of [ours.firm.user]) {
      expect(reply.text).not.toContain(id);
      expect(reply.text).not.toContain(email);
    }
    expect(await eventsOf(ours.firm)).toEqual(before);
  });

  it("does what the role allows, and asks for a fresh factor where it must", async () => {
    const viewer = await visit(await makeFirmWithPassword({ role: "viewer" }));
    const own = row.who === "everybody" ? await row.ask(viewer) : asked;
    expect((await viewer.send(name, own)).status).toBe(row.who === "everybody" ? row.ok : 403);
    // Seen red without: requireFreshFactor in any of the verbs whose row says that it is protected.
    const user = await visit(await makeFirmWithPassword());
    const theirOwn = await row.ask(user);
    await asOwner(user.firm.id, (client) =>
      client.query("UPDATE session SET factor_at = now() - interval '11 minutes'"),
    );
    const stale = await user.send(name, theirOwn);
    expect(stale.status, stale.text).toBe(row.isProtected ? 401 : row.ok);
    if (row.isProtected) expect(stale.json().code).toBe("mfa_required");
  });

  it("serves its own firm", async () => {
    const reply = await ours.send(name, asked);
    expect(reply.status, reply.text).toBe(row.ok);
  });
});
