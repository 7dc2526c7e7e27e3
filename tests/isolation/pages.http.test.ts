import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import type { Reply } from "../setup/http";
import { ALWAYS, type House, makeHouse, saidBy, startWorld, type Who, type World } from "./http-world";
import { type Answer, PAGES } from "./page-rows";

// Two firms on every page of the packed server. The table is page-rows.ts; manifest.http.test.ts says when it lacks one.

let world: World;
let ours: House;
let theirs: House;
beforeAll(async () => {
  [ours, theirs, world] = await Promise.all([makeHouse(), makeHouse(), startWorld()]);
});
afterAll(async () => {
  await world?.app.stop();
  await closeDatabase();
});

/** 404, 200, or the path that it leads to, on the same host and nowhere else. */
function answerOf({ status, headers }: Reply): Answer | number {
  if (status !== 307 && status !== 303) return status;
  return String(headers.location).replace(/[0-9a-f-]{36}$/, ":id") as Answer;
}
const strangersIn = (reply: Reply, house: House): string[] =>
  [house.sign, house.personal].filter((sign) => saidBy(reply).includes(sign));
/** The same page as a document, and as the payload that a script of Next asks for, which names no document type and may be kept elsewhere. */
const WAYS: Record<string, Record<string, string>> = { document: {}, payload: { rsc: "1" } };

describe.each(Object.entries(PAGES))("%s", (_page, row) => {
  const get = (host: string, { cookie, headers }: { cookie?: string; headers?: Record<string, string> } = {}) =>
    world.ask(host, row.path(ours), { ...(cookie ? { cookie } : {}), ...(headers ? { headers } : {}) });
  const asPerson = (who: Who) => get(world.hostOf(ours), { cookie: ours.cookies[who] });

  it("shows nobody, and a session of the other firm, nothing of ours", async () => {
    for (const headers of Object.values(WAYS)) {
      for (const cookie of ["", "arrestra.session=garbage", theirs.cookies.owner]) {
        const reply = await get(world.hostOf(ours), { cookie, headers });
        if (!headers.rsc) expect(answerOf(reply), cookie).toBe(row.nobody);
        if (!row.showsHolder) expect(saidBy(reply), cookie).not.toContain(ours.personal);
        expect(saidBy(reply)).not.toContain(ours.hidden.sign);
        expect(strangersIn(reply, theirs)).toEqual([]);
        expect(ALWAYS.filter((name) => !reply.headers[name])).toEqual([]);
      }
    }
  });

  it("gives the people of the firm what their role and their counties allow", async () => {
    for (const who of ["owner", "admin", "viewer", "attorney"] as const) {
      const reply = await asPerson(who);
      expect(answerOf(reply), who).toBe(row.people);
      expect(String(reply.headers["cache-control"]), who).toContain("no-store");
      expect(strangersIn(reply, theirs), who).toEqual([]);
      if (who === "attorney") expect(saidBy(reply)).not.toContain(ours.hidden.sign);
      if (!row.isForAdmins) continue;
      const isAdmin = who === "owner" || who === "admin";
      expect(/Owners and admins (manage|read)/.test(reply.text), who).toBe(!isAdmin);
      if (isAdmin) continue;
      for (const secret of [ours.domain, `${ours.personal} key`, ours.people.owner.email, ours.people.admin.email])
        expect(saidBy(reply), `${who} reads ${secret}`).not.toContain(secret);
    }
  });

  it("gives an admin of the other firm their own, whatever ids of ours they ask for", async () => {
    for (const headers of Object.values(WAYS)) {
      const reply = await get(world.hostOf(theirs), { cookie: theirs.cookies.admin, headers });
      if (!headers.rsc) expect(answerOf(reply)).toBe(row.foreign);
      expect(strangersIn(reply, ours)).toEqual([]);
    }
  });

  it("takes our session for nobody on the other firm's host, our own address and a host that is nobody's", async () => {
    const cookie = ours.cookies.owner;
    const hosts: [string, Answer][] = [
      [world.hostOf(theirs), row.elsewhere ?? row.nobody],
      [`localhost:${world.port}`, row.apex],
      [`nobody.localhost:${world.port}`, 404],
      [ours.domain, 404], // not proven
      ["leads.unknown.example", 404],
      ["127.0.0.1", 404],
      [`www.localhost:${world.port}`, 404],
    ];
    for (const [host, answer] of hosts) {
      for (const headers of Object.values(WAYS)) {
        const reply = await get(host, { cookie, headers });
        if (!headers.rsc) expect(answerOf(reply), host).toBe(answer);
        expect(strangersIn(reply, ours), host).toEqual([]);
        expect(ALWAYS.filter((name) => !reply.headers[name])).toEqual([]);
      }
    }
  });
});

describe("a lead outside an attorney's counties", () => {
  it("is not there for them, and is for the others", async () => {
    const open = (who: Who) => world.ask(world.hostOf(ours), `/leads/${ours.hidden.id}`, { cookie: ours.cookies[who] });
    const reply = await open("attorney");
    expect(reply.status).toBe(404);
    expect(saidBy(reply)).not.toContain(ours.hidden.sign);
    const seen = await open("viewer");
    expect([seen.status, saidBy(seen).includes(ours.hidden.sign)]).toEqual([200, true]);
  });
});
