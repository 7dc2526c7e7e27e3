import { newId } from "@/lib/core/ids";
import { bookConsultation } from "@/lib/domain/bookings/book-consultation";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { addPerson } from "../auth/people";
import { hostOf, originOfFirm, PASSWORD, type Reply } from "../http/call";
import { codeOf } from "../setup/factor";
import { asOwner, type TestFirm } from "../setup/firms";
import { softPasskey } from "../setup/soft-passkey";
import type { Asked } from "./all-routes";
import { IMPORT_ROWS } from "./import-rows";

/** A signed-in person of a firm, and how they ask other routes for what a request needs first. */
export type Visitor = { firm: TestFirm; cookie: string; send: (name: string, asked?: Asked) => Promise<Reply> };

/** A route that is for people alone: no key has a scope for it. */
export type PeopleRow = {
  /** Which of the roles may: everybody, or owners and admins. */
  who: "everybody" | "admins";
  ok: number;
  /** What a person of another firm gets for the same request: 404, or what a request of their own that does not fit comes to. */
  foreign: number;
  /** Whether it needs the second factor to have been shown within ten minutes. */
  isProtected?: boolean;
  ask: (visitor: Visitor) => Asked | Promise<Asked>;
};

const passkeyId = async ({ firm }: Visitor): Promise<string> => {
  const id = newId();
  await asOwner(firm.id, (client) =>
    client.query(
      "INSERT INTO passkey (tenant_id, id, user_id, credential_id, public_key, rp_id, name, created_at) VALUES ($1, $2, $3, $4, 'key', $5, 'Laptop', now())",
      [firm.id, id, firm.user.id, newId(), hostOf(firm).split(":")[0]],
    ),
  );
  return id;
};

const domainId = async ({ send }: Visitor): Promise<string> =>
  (await send("POST /api/domains", { body: { host: `${newId()}.example` } })).json<{ id: string }>().id;

const key = { name: "Zoho import", scopes: ["leads:read"], expiresInDays: 30 };
const keyId = async ({ send }: Visitor): Promise<string> =>
  (await send("POST /api/keys", { body: key })).json<{ key: { id: string } }>().key.id;

/** A colleague who has joined. */
const colleagueId = async ({ firm }: Visitor): Promise<string> => (await addPerson(firm, { sessions: 1 })).id;

// Beginning to connect a service asks for a client of ours there, and for nothing outside.
process.env.ACUITY_CLIENT_ID ??= "arrestra-test";
process.env.ACUITY_CLIENT_SECRET ??= "test-acuity-secret";

/** A service that the firm has connected with a key, which is not kept: nothing is ever asked with it. */
const connected =
  (provider: "acuity" | "google") =>
  async ({ firm }: Visitor) => {
    await asOwner(firm.id, (client) =>
      client.query(
        `INSERT INTO connection (tenant_id, id, provider, mode, state, account_id, account_label, connected_by, connected_at)
       VALUES ($1, $2, $3, 'api_key', 'connected', '77', 'Front desk', $4, now())`,
        [firm.id, newId(), provider, firm.user.id],
      ),
    );
    return { ids: { provider } };
  };

/** A consultation that the person was reminded of. */
const remindedId = async ({ firm }: Visitor): Promise<string> => {
  const source = {
    source: "api",
    leads: [{ sourceId: newId(), name: { full: "SPECIMEN, DARA" }, county: "Travis", charges: [] }],
  };
  const [row] = (await ingestLeads(firm.asKey(), source)).results;
  const startsAt = new Date(Date.now() + 600_000).toISOString();
  const leadId = row?.leadId ?? "";
  const { id } = await bookConsultation(firm.asKey(), { leadId, startsAt, minutes: 30, kind: "Consultation" });
  await asOwner(firm.id, (client) =>
    client.query(
      "INSERT INTO reminder (tenant_id, consultation_id, user_id, lead_id, starts_at, created_at) VALUES ($1, $2, $3, $4, $5, now())",
      [firm.id, id, firm.user.id, leadId, startsAt],
    ),
  );
  return id;
};

const person = { email: "ines@example.com", name: "Ines Lau", role: "attorney" };
const invitationId = async ({ send }: Visitor): Promise<string> =>
  (await send("POST /api/users/invitations", { body: person })).json<{ userId: string }>().userId;

/** Their rows: see people-routes.test.ts for what is asked of each. */
export const PEOPLE_ROWS: Record<string, PeopleRow> = {
  ...IMPORT_ROWS,
  "GET /api/account": { who: "everybody", ok: 200, foreign: 200, ask: () => ({}) },
  "PATCH /api/account": { who: "everybody", ok: 200, foreign: 200, ask: () => ({ body: { name: "Dana C. Counsel" } }) },
  "POST /api/account/password": {
    who: "everybody",
    ok: 204,
    foreign: 204,
    isProtected: true,
    ask: () => ({ body: { current: PASSWORD, password: "purple otter sings quietly" } }),
  },
  "POST /api/account/totp": { who: "everybody", ok: 200, foreign: 200, isProtected: true, ask: () => ({}) },
  "POST /api/account/totp/confirm": {
    who: "everybody",
    ok: 204,
    foreign: 409,
    isProtected: true,
    ask: async ({ send }) => {
      const { secret } = (await send("POST /api/account/totp")).json<{ secret: string }>();
      return { body: { code: codeOf(secret) } };
    },
  },
  "POST /api/account/recovery-codes": { who: "everybody", ok: 200, foreign: 200, isProtected: true, ask: () => ({}) },
  "POST /api/account/passkeys/options": { who: "everybody", ok: 200, foreign: 200, isProtected: true, ask: () => ({}) },
  "POST /api/account/passkeys": {
    who: "everybody",
    ok: 201,
    foreign: 422,
    isProtected: true,
    ask: async ({ firm, send }) => {
      const options = (await send("POST /api/account/passkeys/options")).json<{ challenge: string }>();
      return { body: { name: "Laptop", credential: softPasskey().create(options, { origin: originOfFirm(firm) }) } };
    },
  },
  "PATCH /api/account/passkeys/[id]": {
    who: "everybody",
    ok: 200,
    foreign: 404,
    ask: async (visitor) => ({ ids: { id: await passkeyId(visitor) }, body: { name: "Phone" } }),
  },
  "DELETE /api/account/passkeys/[id]": {
    who: "everybody",
    ok: 204,
    foreign: 404,
    isProtected: true,
    ask: async (visitor) => ({ ids: { id: await passkeyId(visitor) } }),
  },
  "GET /api/domains": { who: "admins", ok: 200, foreign: 200, ask: () => ({}) },
  "POST /api/domains": {
    who: "admins",
    ok: 201,
    foreign: 201,
    isProtected: true,
    ask: () => ({ body: { host: `${newId()}.example` } }),
  },
  "PATCH /api/domains/[id]": {
    who: "admins",
    ok: 200,
    foreign: 404,
    isProtected: true,
    ask: async (visitor) => ({ ids: { id: await domainId(visitor) }, body: { state: "verified" } }),
  },
  "DELETE /api/domains/[id]": {
    who: "admins",
    ok: 204,
    foreign: 404,
    isProtected: true,
    ask: async (visitor) => ({ ids: { id: await domainId(visitor) } }),
  },
  "GET /api/keys": { who: "admins", ok: 200, foreign: 200, ask: () => ({}) },
  "POST /api/keys": { who: "admins", ok: 201, foreign: 201, isProtected: true, ask: () => ({ body: key }) },
  "DELETE /api/keys/[id]": {
    who: "admins",
    ok: 204,
    foreign: 404,
    isProtected: true,
    ask: async (visitor) => ({ ids: { id: await keyId(visitor) } }),
  },
  "POST /api/keys/[id]/rotate": {
    who: "admins",
    ok: 201,
    foreign: 404,
    isProtected: true,
    ask: async (visitor) => ({ ids: { id: await keyId(visitor) }, body: { overlapHours: 1 } }),
  },
  "GET /api/users": { who: "admins", ok: 200, foreign: 200, ask: () => ({}) },
  "POST /api/users/invitations": {
    who: "admins",
    ok: 201,
    foreign: 201,
    isProtected: true,
    ask: () => ({ body: person }),
  },
  "DELETE /api/users/invitations/[id]": {
    who: "admins",
    ok: 204,
    foreign: 404,
    isProtected: true,
    ask: async (visitor) => ({ ids: { id: await invitationId(visitor) } }),
  },
  "PATCH /api/users/[id]": {
    who: "admins",
    ok: 200,
    foreign: 404,
    isProtected: true,
    ask: async (visitor) => ({ ids: { id: await colleagueId(visitor) }, body: { role: "viewer", isDisabled: true } }),
  },
  "POST /api/users/[id]/password-link": {
    who: "admins",
    ok: 201,
    foreign: 404,
    isProtected: true,
    ask: async (visitor) => ({ ids: { id: await colleagueId(visitor) } }),
  },
  "POST /api/users/[id]/reset-factor": {
    who: "admins",
    ok: 201,
    foreign: 404,
    isProtected: true,
    ask: async (visitor) => ({ ids: { id: await colleagueId(visitor) } }),
  },
  "DELETE /api/users/[id]/sessions": {
    who: "admins",
    ok: 204,
    foreign: 404,
    isProtected: true,
    ask: async (visitor) => ({ ids: { id: await colleagueId(visitor) } }),
  },
  "DELETE /api/account/sessions": { who: "everybody", ok: 204, foreign: 204, ask: () => ({}) },
  "DELETE /api/account/sessions/[id]": {
    who: "everybody",
    ok: 204,
    foreign: 404,
    ask: async ({ send }) => {
      const { sessions } = (await send("GET /api/account")).json<{ sessions: { id: string }[] }>();
      return { ids: { id: sessions.at(-1)?.id ?? "" } };
    },
  },
  "GET /api/reminders": { who: "everybody", ok: 200, foreign: 200, ask: () => ({}) },
  "POST /api/reminders/[id]/seen": {
    who: "everybody",
    ok: 204,
    foreign: 404,
    ask: async (visitor) => ({ ids: { id: await remindedId(visitor) } }),
  },
  "PATCH /api/account/reminders": { who: "everybody", ok: 200, foreign: 200, ask: () => ({ body: { minutes: 15 } }) },
  "GET /api/account/alerts": { who: "everybody", ok: 200, foreign: 200, ask: () => ({}) },
  "PATCH /api/account/alerts": { who: "everybody", ok: 200, foreign: 200, ask: () => ({ body: { byMail: false } }) },
  // Nothing is sent here; where something is, tests/alerts asks.
  "POST /api/account/alerts/phone": {
    who: "everybody",
    ok: 503,
    foreign: 503,
    isProtected: true,
    ask: () => ({ body: { phone: "(512) 555-0142" } }),
  },
  "DELETE /api/account/alerts/phone": { who: "everybody", ok: 204, foreign: 204, ask: () => ({}) },
  "POST /api/account/alerts/phone/confirm": {
    who: "everybody",
    ok: 409,
    foreign: 409,
    ask: () => ({ body: { code: "123456" } }),
  },
  "POST /api/account/calendar-feed": {
    who: "everybody",
    ok: 201,
    foreign: 201,
    isProtected: true,
    ask: () => ({ body: { showsNames: true } }),
  },
  "DELETE /api/account/calendar-feed": { who: "everybody", ok: 204, foreign: 204, ask: () => ({}) },
  "GET /api/audit": {
    who: "admins",
    ok: 200,
    foreign: 200,
    ask: ({ firm }) => ({ query: `?actor=${firm.user.id}` }),
  },
  "GET /api/audit/export": {
    who: "admins",
    ok: 200,
    foreign: 200,
    ask: ({ firm }) => ({ query: `?actor=${firm.user.id}` }),
  },
  "GET /api/connections": { who: "admins", ok: 200, foreign: 200, ask: () => ({}) },
  // Nothing is connected in these firms; a connected one is asked in tests/connections.
  "GET /api/connections/google/calendars": { who: "admins", ok: 503, foreign: 503, ask: () => ({}) },
  "POST /api/connections/[provider]/authorize": {
    who: "admins",
    ok: 200,
    foreign: 200,
    isProtected: true,
    ask: () => ({ ids: { provider: "acuity" }, body: {} }),
  },
  // A key for another service than the address names is refused before anybody is asked; keys that open something are in tests/connections.
  "POST /api/connections/[provider]/key": {
    who: "admins",
    ok: 422,
    foreign: 422,
    isProtected: true,
    ask: () => ({ ids: { provider: "zoom" }, body: { provider: "acuity", userId: "77", apiKey: "a-key" } }),
  },
  "PATCH /api/connections/[provider]": {
    who: "admins",
    ok: 200,
    foreign: 404,
    isProtected: true,
    ask: async (visitor) => ({ ...(await connected("google")(visitor)), body: { invitesAttendees: true } }),
  },
  "DELETE /api/connections/[provider]": {
    who: "admins",
    ok: 204,
    foreign: 404,
    isProtected: true,
    ask: connected("acuity"),
  },
  // Not connected in this test; what a connected firm is told is in tests/sync/zoho-mapping.db.test.ts.
  "GET /api/connections/zoho/fields": { who: "admins", ok: 503, foreign: 503, ask: () => ({}) },
  "PUT /api/connections/zoho/fields": {
    who: "admins",
    ok: 503,
    foreign: 503,
    isProtected: true,
    ask: () => ({ body: { fields: [{ ours: "lastName", theirs: "Last_Name", rule: "ours" }] } }),
  },
  "POST /api/connections/[provider]/sync": { who: "admins", ok: 202, foreign: 404, ask: connected("acuity") },
};
