import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { GET as leadRoute } from "@/app/api/leads/[id]/route";
import { GET as leadsRoute } from "@/app/api/leads/route";
import { POST as passwordLinkRoute } from "@/app/api/users/[id]/password-link/route";
import { POST as resetRoute } from "@/app/api/users/[id]/reset-factor/route";
import { PATCH as userRoute } from "@/app/api/users/[id]/route";
import { DELETE as sessionsRoute } from "@/app/api/users/[id]/sessions/route";
import { POST as invitationsRoute } from "@/app/api/users/invitations/route";
import { GET as usersRoute } from "@/app/api/users/route";
import type { OneTimeLink, UserPage } from "@/lib/contracts/users";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeDatabase } from "@/lib/platform/db";
import {
  addUserWithPassword,
  call,
  cookieOf,
  hostOf,
  makeFirmWithPassword,
  originOfFirm,
  postFactor,
  postPassword,
  type Route,
  signInTo,
} from "../http/call";
import { codeOf, freshCode } from "../setup/factor";
import { asOwner, type TestFirm, type TestMember } from "../setup/firms";
import { NEW_PASSWORD, postLink, statusOf } from "./account";

// What an admin's change means for the person it is about, from their next request on, asked as browsers ask.

let firm: TestFirm;
let robin: TestMember;
let asAdmin: string;
let asRobin: string;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
  robin = await addUserWithPassword(firm, { role: "admin" });
  [asAdmin, asRobin] = await Promise.all([signInTo(firm), signInTo(firm, robin)]);
});
afterAll(closeDatabase);

const send = (
  cookie: string,
  route: Route,
  {
    method = "POST",
    body = {},
    id = robin.id,
    headers = {},
  }: { method?: string; body?: unknown; id?: string; headers?: Record<string, string> } = {},
) =>
  call(route, "/api/users/asked", {
    method,
    ...(method === "GET" ? {} : { body }),
    host: hostOf(firm),
    headers: { cookie, origin: originOfFirm(firm), ...headers },
    ids: { id },
  });
const list = async (cookie: string) => (await send(cookie, usersRoute, { method: "GET" })).status;
const change = (body: object, id = robin.id) => send(asAdmin, userRoute, { method: "PATCH", body, id });
const linkIn = (url: string) => url.split("/").at(-1) ?? "";

describe("the next request", () => {
  it("is refused to who was disabled, demoted, reset or signed out, and a new sign-in has the new role", async () => {
    const deeds: [string, () => Promise<{ status: number }>][] = [
      ["signed out", () => send(asAdmin, sessionsRoute, { method: "DELETE" })],
      ["demoted", () => change({ role: "viewer" })],
      ["disabled", () => change({ isDisabled: true })],
    ];
    for (const [name, deed] of deeds) {
      expect(await statusOf(firm, asRobin), `before ${name}`).toBe(200);
      expect((await deed()).status).toBeLessThan(300);
      expect(await statusOf(firm, asRobin), name).toBe(401);
      if (name === "disabled") break;
      asRobin = await signInTo(firm, robin);
      expect(await list(asRobin)).toBe(name === "demoted" ? 403 : 200);
    }
    await expect(signInTo(firm, robin)).rejects.toThrow("not signed in");
    await change({ isDisabled: false });
    expect(await statusOf(firm, asRobin)).toBe(401);
    expect(await statusOf(firm, await signInTo(firm, robin))).toBe(200);
  });

  it("shows a narrower scope in the same session", async () => {
    await ingestLeads(firm.asKey(), {
      source: "api",
      leads: ["Travis", "Hays"].map((county) => ({
        sourceId: county,
        name: { first: "Rowan", last: "Fictus" },
        county,
        charges: [{ offense: "DWI" }],
      })),
    });
    const member = await addUserWithPassword(firm, { role: "staff" });
    const cookie = await signInTo(firm, member);
    const seen = async () => {
      const reply = await call(leadsRoute, "/api/leads", { host: hostOf(firm), headers: { cookie } });
      return reply.json<{ leads: { id: string; county: string }[] }>().leads;
    };
    const before = await seen();
    expect(before).toHaveLength(2);
    await change({ scope: { counties: ["Hays"], classes: [] } }, member.id);
    expect((await seen()).map(({ county }) => county)).toEqual(["Hays"]);
    const hidden = before.find(({ county }) => county === "Travis")?.id ?? "";
    const asked = { host: hostOf(firm), headers: { cookie }, ids: { id: hidden } };
    expect((await call(leadRoute, `/api/leads/${hidden}`, asked)).status).toBe(404);
  });
});

describe("the links", () => {
  it("stand on the firm's own host, whatever host a header claims", async () => {
    const forged = { "x-forwarded-host": "evil.example", forwarded: "host=evil.example", "x-forwarded-proto": "https" };
    for (const [route, path] of [
      [passwordLinkRoute, "/recover/password/"],
      [resetRoute, "/recover/factor/"],
    ] as const) {
      const reply = await send(asAdmin, route, { headers: forged });
      expect(reply.status, reply.text).toBe(201);
      expect(reply.json<OneTimeLink>().url).toMatch(new RegExp(`^${originOfFirm(firm)}${path}${robin.id}\\.`));
    }
  });

  it("bring an invited person in with the role and scope of the invitation, and only after all of it", async () => {
    const scope = { counties: ["Travis"], classes: [] };
    const body = { email: "ines@example.com", name: "Ines Lau", role: "attorney", scope };
    const made = (await send(asAdmin, invitationsRoute, { body })).json<OneTimeLink>();
    expect(made.url.startsWith(`${originOfFirm(firm)}/join/`)).toBe(true);
    expect(await postPassword(firm, { email: body.email, password: NEW_PASSWORD })).not.toBe("");
    const link = linkIn(made.url);
    const offered = await postLink(firm, "/api/join/offer", { link });
    const joined = await postLink(
      firm,
      "/api/join",
      { link, name: "Ines Lau", password: NEW_PASSWORD, code: codeOf(offered.json<{ secret: string }>().secret) },
      { headers: { cookie: cookieOf(offered, "arrestra.offer") } },
    );
    expect(joined.status, joined.text).toBe(200);
    const { users } = (await send(asAdmin, usersRoute, { method: "GET" })).json<UserPage>();
    expect(users.find(({ id }) => id === made.userId)).toMatchObject({
      role: "attorney",
      scope,
      state: "active",
      hasAuthenticator: true,
      sessions: 1,
      invitedUntil: null,
    });
  });

  it("of a reset let nobody in with one factor: neither the old one nor the password is enough any more", async () => {
    const attempt = await postPassword(firm, { email: robin.email });
    const url = (await send(asAdmin, resetRoute)).json<OneTimeLink>().url;
    expect(await statusOf(firm, asRobin)).toBe(401);
    for (const begun of [attempt, await postPassword(firm, { email: robin.email })]) {
      const reply = await postFactor(firm, begun, { code: await freshCode(firm.id, robin) });
      expect(cookieOf(reply, "arrestra.session")).toBe("");
    }
    const offered = await postLink(firm, "/api/recover/factor/offer", { link: linkIn(url) });
    const code = codeOf(offered.json<{ secret: string }>().secret);
    const headers = { cookie: cookieOf(offered, "arrestra.offer") };
    const form = { link: linkIn(url), code };
    const wrong = await postLink(firm, "/api/recover/factor", { ...form, password: NEW_PASSWORD }, { headers });
    expect(cookieOf(wrong, "arrestra.session")).toBe("");
  });

  // Seen red without shownOnce() in the three routes: the kept reply gave the link to a session whose factor was shown too long ago.
  it("rest nowhere in readable form: who repeats the request is asked for a fresh factor, and nothing is kept", async () => {
    const scope = { counties: [], classes: [] };
    const body = { email: "ines@example.com", name: "Ines Lau", role: "attorney", scope };
    const headers = { "idempotency-key": "once" };
    const deeds = [
      () => send(asAdmin, invitationsRoute, { body, headers }),
      () => send(asAdmin, passwordLinkRoute, { headers }),
      () => send(asAdmin, resetRoute, { headers }),
    ];
    for (const deed of deeds) expect((await deed()).status).toBe(201);
    await asOwner(firm.id, (client) => client.query("UPDATE session SET factor_at = now() - interval '1 hour'"));
    for (const deed of deeds) expect((await deed()).json()).toMatchObject({ code: "mfa_required" });
    const kept = await asOwner(firm.id, (client) => client.query("SELECT * FROM idempotency_key"));
    expect(kept.rows).toEqual([]);
  });
});
