import { globSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import type { LeadScope } from "@/lib/domain/context/ctx";
import { prepareExport } from "@/lib/domain/reports/exports/prepare-export";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { closeDatabase } from "@/lib/platform/db";
import {
  addUserWithPassword,
  call,
  hostOf,
  makeFirmWithPassword,
  originOfFirm,
  type Reply,
  type Route,
  sessionOf,
} from "../http/call";
import { asOwner, eventsOf, type TestFirm } from "../setup/firms";
import { isInside, MEMBER_ROLE, type PlacedLead, placeLeads, SCOPES, strangersIn } from "./scope-firm";

// Members limited to counties or charges, on every route that speaks of leads. A new route fails the first test until it is sorted in.

type Asked = { query?: string; body?: unknown; ids?: Record<string, string> };
/** What a person may ask of the route: lists of them, or one lead, with the status for a lead inside. */
type Row = { lists: Asked[] } | { ok: number; ask: (lead: PlacedLead) => Asked };

const contact = { kind: "email", value: "new@person.example", givenBy: "Sister", basis: "referral", check: false };

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const tomorrow = () => inDays(1);
const aroundNow = () => `from=${encodeURIComponent(inDays(-3))}&to=${encodeURIComponent(inDays(30))}`;

const ROWS: Record<string, Row> = {
  "GET /api/leads": {
    lists: [
      "",
      "?q=zebra",
      "?q=offense&sort=bail",
      "?county=Hays&county=Travis&county=Loving",
      "?county=Loving",
      "?limit=1",
      "?band=cool&status=reviewed",
    ].map((query) => ({ query })),
  },
  "GET /api/leads/export": {
    lists: ["", "?q=zebra", "?county=Hays", "?status=reviewed&sort=arrested"].map((query) => ({ query })),
  },
  "GET /api/leads/[id]": { ok: 200, ask: ({ id }) => ({ ids: { id } }) },
  "POST /api/leads/status": { ok: 200, ask: ({ id }) => ({ body: { leadId: id, to: "qualified", note: "mine" } }) },
  "POST /api/leads/[id]/contacts": { ok: 201, ask: ({ id }) => ({ ids: { id }, body: contact }) },
  "PATCH /api/leads/[id]/contacts/[contactId]": {
    ok: 200,
    ask: ({ id, contactId }) => ({ ids: { id, contactId }, body: { value: "other@person.example", check: false } }),
  },
  "DELETE /api/leads/[id]/contacts/[contactId]": { ok: 204, ask: ({ id, contactId }) => ({ ids: { id, contactId } }) },
  "GET /api/leads/[id]/evidence": { ok: 200, ask: ({ id }) => ({ ids: { id } }) },
  "POST /api/leads/[id]/evidence": {
    ok: 201,
    ask: ({ id }) => ({ ids: { id }, body: { filename: "bond.pdf", bytes: 9 } }),
  },
  "GET /api/leads/[id]/evidence/[evidenceId]/file": {
    ok: 200,
    ask: ({ id, evidenceId }) => ({ ids: { id, evidenceId } }),
  },
  // It has come already, and somebody else has added it.
  "PUT /api/leads/[id]/evidence/[evidenceId]/file": {
    ok: 409,
    ask: ({ id, evidenceId }) => ({ ids: { id, evidenceId } }),
  },
  "POST /api/leads/[id]/evidence/[evidenceId]/file": {
    ok: 202,
    ask: ({ id, evidenceId }) => ({ ids: { id, evidenceId } }),
  },
  "DELETE /api/leads/[id]/evidence/[evidenceId]": {
    ok: 403,
    ask: ({ id, evidenceId }) => ({ ids: { id, evidenceId } }),
  },
  "GET /api/consultations": {
    lists: ["", "&state=scheduled", "&limit=2"].map((more) => ({ query: `?${aroundNow()}${more}` })),
  },
  "POST /api/consultations": { ok: 201, ask: ({ id }) => ({ body: { leadId: id, startsAt: tomorrow() } }) },
  "GET /api/consultations/[id]": { ok: 200, ask: ({ consultationId }) => ({ ids: { id: consultationId } }) },
  "POST /api/consultations/[id]/move": {
    ok: 200,
    ask: ({ consultationId }) => ({ ids: { id: consultationId }, body: { startsAt: tomorrow() } }),
  },
  "POST /api/consultations/[id]/attendance": {
    ok: 200,
    ask: ({ consultationId }) => ({ ids: { id: consultationId }, body: { attendance: "attended" } }),
  },
  "POST /api/consultations/[id]/mirrors": { ok: 200, ask: ({ consultationId }) => ({ ids: { id: consultationId } }) },
  "POST /api/consultations/[id]/lead": {
    ok: 200,
    ask: ({ id, consultationId }) => ({ ids: { id: consultationId }, body: { leadId: id } }),
  },
  "POST /api/consultations/[id]/outcome": {
    ok: 200,
    ask: ({ consultationId }) => ({ ids: { id: consultationId }, body: { outcome: "thinking" } }),
  },
  "POST /api/consultations/[id]/cancel": {
    ok: 200,
    ask: ({ consultationId }) => ({ ids: { id: consultationId }, body: {} }),
  },
};

/** Routes where no lead is shown to a member, each with its reason; a path that ends in `/` speaks for what is below it. */
const WITHOUT_LEADS: Record<string, string> = {
  "/api/account": "one's own profile, factors and sessions",
  "/api/account/": "likewise",
  "/api/auth/": "signing in",
  "/api/reminders":
    "has a test of its own in tests/consultations/routes.db.test.ts: what was made before a member was limited",
  "/api/reminders/": "likewise: only what the member themselves was reminded of",
  "/api/calendar/": "nobody is signed in: tests/consultations/routes.db.test.ts reads a limited member's address",
  "/api/health": "no firm's data",
  "/api/health/": "operators only",
  "/api/ingest/": "keys only, which are never limited",
  "/api/leads/ingest": "keys only, which are never limited",
  "/api/leads/enrich/contact": "has a test of its own below: a lead outside is a row of the reply",
  "/api/internal/": "our own services, with a token for one call",
  "/api/join": "nobody is signed in yet",
  "/api/join/": "likewise",
  "/api/recover/": "likewise",
  "/api/users": "the people of the firm, for owners and admins, who are never limited",
  "/api/users/": "likewise",
  "/api/keys": "for owners and admins, who are never limited",
  "/api/keys/": "likewise",
  "/api/domains": "for owners and admins, who are never limited",
  "/api/domains/": "likewise",
  "/api/connections": "for owners and admins, who are never limited",
  "/api/connections/": "likewise",
  "/api/webhooks/": "nobody is signed in: a service says that something changed, and is told nothing",
  "/api/exports": "has a test of its own below: what is asked for is read in the file",
  "/api/exports/": "likewise",
  "/api/imports": "for owners and admins, who are never limited",
  "/api/imports/": "likewise",
  "/api/audit": "for owners and admins, who are never limited",
  "/api/audit/": "likewise",
  "/api/platform/": "our own people, and firms only",
  "/api/[[...rest]]": "no such route",
};
const isWithoutLeads = (address: string) =>
  Object.keys(WITHOUT_LEADS).some((place) => (place.endsWith("/") ? address.startsWith(place) : address === place));

const root = path.resolve(import.meta.dirname, "../..");
const routes: Record<string, Route> = {};
let firm: TestFirm;

beforeAll(async () => {
  for (const file of globSync("app/api/**/route.ts", { cwd: root })) {
    const exported: Record<string, unknown> = await import(path.join(root, file));
    const address = `/${file
      .split(path.sep)
      .join("/")
      .replace(/^app\//, "")
      .replace(/\/route\.ts$/, "")}`;
    for (const [method, handler] of Object.entries(exported)) {
      if (/^[A-Z]+$/.test(method) && (handler as Route).name !== "wrongMethod")
        routes[`${method} ${address}`] = handler as Route;
    }
  }
  firm = await makeFirmWithPassword();
});
afterAll(closeDatabase);

function send(name: string, { query = "", body, ids }: Asked, cookie: string, headers = {}): Promise<Reply> {
  const [method = "", template = ""] = name.split(" ");
  const address = template.replace(/\[(\w+)\]/g, (_all, id: string) => ids?.[id] ?? id);
  const origin = { cookie, origin: originOfFirm(firm), ...headers };
  return call(routes[name] as Route, address + query, { method, body, ids, host: hostOf(firm), headers: origin });
}

/** What two refusals have in common: everything but the request's own id. */
const refusal = ({ status, text }: Reply) => ({ status, ...JSON.parse(text), requestId: "" });

it("has a row for every route of app/api that can show a lead to a member", () => {
  const sortedOut = (name: string) => name in ROWS || isWithoutLeads(name.split(" ")[1] ?? "");
  expect(Object.keys(routes).filter((name) => !sortedOut(name))).toEqual([]);
  expect(Object.keys(ROWS).filter((name) => !routes[name])).toEqual([]);
});

describe.each(Object.entries(SCOPES))("a member limited to %s", (_name, scope: LeadScope) => {
  let leads: PlacedLead[];
  let cookie: string;
  let inside: PlacedLead[];
  let outside: PlacedLead[];

  beforeAll(async () => {
    firm = await makeFirmWithPassword();
    leads = await placeLeads(firm);
    inside = leads.filter((lead) => isInside(scope, lead));
    outside = leads.filter((lead) => !isInside(scope, lead));
    const member = await addUserWithPassword(firm, { role: MEMBER_ROLE, scope });
    cookie = await sessionOf(firm, member);
  });

  for (const [name, row] of Object.entries(ROWS)) {
    if ("lists" in row) {
      it(`finds their leads and no other in ${name}`, async () => {
        let seen = "";
        // the first of them asks for everything
        for (const [turn, asked] of row.lists.entries()) {
          const reply = await send(name, asked, cookie);
          expect(reply.status, asked.query).toBe(200);
          expect(strangersIn(reply.text, scope, leads), asked.query).toEqual([]);
          if (turn === 0) seen = reply.text;
        }
        for (const lead of inside) expect(seen).toContain(lead.canary);
      });
    } else {
      it(`is told by ${name} that a lead outside is not there, as of one that never was`, async () => {
        const before = await eventsOf(firm);
        for (const lead of outside) {
          const reply = await send(name, row.ask(lead), cookie);
          const nowhere = await send(name, row.ask({ ...lead, id: newId(), consultationId: newId() }), cookie);
          expect(reply.status).toBe(404);
          expect(refusal(reply)).toEqual(refusal(nowhere));
        }
        expect(await eventsOf(firm)).toEqual(before);
        const own = await send(name, row.ask(inside[0] as PlacedLead), cookie);
        expect(own.status).toBe(row.ok);
        expect(strangersIn(own.text, scope, leads)).toEqual([]);
      });
    }
  }

  it("gets a prepared file with their leads and no other", async () => {
    const asked = await send("POST /api/exports", { body: { kind: "leads" } }, cookie);
    const { id } = asked.json<{ id: string }>();
    await prepareExport(jobCtx(firm.id, "export.prepare"), id);
    const { text } = await send("GET /api/exports/[id]/file", { ids: { id } }, cookie);
    // Seen red without: the scope of the COPY (lib/domain/reports/exports/export-source.ts), in its query and in its transaction.
    expect(strangersIn(text, scope, leads)).toEqual([]);
    for (const lead of inside) expect(text).toContain(lead.canary);
  });

  it("checks no contact of a lead outside: the reply calls it not found", async () => {
    const before = (await Promise.all(outside.map(({ id }) => eventsOf(firm, id)))).flat();
    const leadIds = leads.map(({ id }) => id);
    const reply = await send("POST /api/leads/enrich/contact", { body: { leadIds } }, cookie);
    const report = reply.json<{ leads: { leadId: string; outcome: string }[] }>();
    const missed = report.leads.filter(({ outcome }) => outcome === "not_found").map(({ leadId }) => leadId);
    expect(missed.sort()).toEqual(outside.map(({ id }) => id).sort());
    expect((await Promise.all(outside.map(({ id }) => eventsOf(firm, id)))).flat()).toEqual(before);
  });
});

describe("a member whose scope changes", () => {
  const asAt = async (scope: LeadScope) => {
    firm = await makeFirmWithPassword();
    const leads = await placeLeads(firm);
    const member = await addUserWithPassword(firm, { role: MEMBER_ROLE, scope });
    const cookie = await sessionOf(firm, member);
    const limitTo = ({ counties, classes }: LeadScope) =>
      asOwner(firm.id, (client) =>
        client.query("UPDATE app_user SET scope_counties = $2, scope_classes = $3 WHERE id = $1", [
          member.id,
          counties,
          classes,
        ]),
      );
    return { leads, cookie, limitTo };
  };
  const hays: LeadScope = { counties: ["Hays"], classes: [] };

  it("sees the new one from the next request on", async () => {
    const { leads, cookie, limitTo } = await asAt({ counties: [], classes: [] });
    expect(strangersIn((await send("GET /api/leads", {}, cookie)).text, hays, leads)).toHaveLength(3);
    await limitTo(hays);
    expect(strangersIn((await send("GET /api/leads", {}, cookie)).text, hays, leads)).toEqual([]);
  });

  // Seen red without: the scope in the digest of a request (lib/http/idempotency.ts).
  it("is not given again what an earlier request with the same Idempotency-Key had shown", async () => {
    const { leads, cookie, limitTo } = await asAt({ counties: ["Hays", "Travis"], classes: [] });
    const lead = leads.find(({ county }) => county === "Travis") as PlacedLead;
    const move = () =>
      send("POST /api/leads/status", { body: { leadId: lead.id, to: "qualified" } }, cookie, {
        "idempotency-key": "k1",
      });
    expect((await move()).text).toContain(lead.canary);
    expect((await move()).headers.get("idempotency-replayed")).toBe("true");
    await limitTo(hays);
    const after = await move();
    expect(after.status).toBe(422);
    expect(strangersIn(after.text, hays, leads)).toEqual([]);
  });

  // Seen red without: the scope in the cursor's binding (lib/domain/leads/list-leads.ts).
  it("cannot go on with a cursor of the list that they saw before, nor with anybody else's", async () => {
    const { cookie, limitTo } = await asAt({ counties: ["Hays", "Travis"], classes: [] });
    const { nextCursor } = (await send("GET /api/leads", { query: "?limit=1" }, cookie)).json<{ nextCursor: string }>();
    const next = () => send("GET /api/leads", { query: `?limit=1&cursor=${nextCursor}` }, cookie);
    expect((await next()).status).toBe(200);
    await limitTo(hays);
    expect((await next()).status).toBe(422);
  });
});
