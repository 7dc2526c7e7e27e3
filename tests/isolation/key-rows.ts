import type { Asked } from "./all-routes";

/** A route that a key can ask. Those for people alone are in people-rows.ts. */
export type Row = {
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
/** What the owner of the records has. */
export type Owned = {
  leadId: string;
  contactId: string;
  runId: string;
  sourceId: string;
  /** Of another lead, which it moved to Consultation, a day from now. */
  consultationId: string;
  /** Ready to be fetched. */
  exportId: string;
  /** Kept with the lead, and looked at. */
  evidenceId: string;
};

/** What every text of the owner's records holds. */
export const CANARY = "ZEBRAFINCH";
/** A lead of the owner's. */
export const lead = (sourceId: string) => ({
  sourceId,
  name: { full: `${CANARY}, ROWAN` },
  county: "Travis",
  charges: [{ offense: `${CANARY} OFFENSE`, causeNumber: `${CANARY}-1`, bailCents: 100 }],
});
/** A contact of the owner's. */
export const contact = {
  kind: "email",
  value: `${CANARY}@person.example`,
  givenBy: CANARY,
  basis: "referral",
  check: false,
};
/** A consultation of the owner's. */
export const consultation = (leadId: string) => ({
  leadId,
  startsAt: new Date(Date.now() + 86_400_000).toISOString(),
  kind: `${CANARY} talk`,
  location: CANARY,
});
const inADay = () => {
  const at = (days: number) => encodeURIComponent(new Date(Date.now() + days * 86_400_000).toISOString());
  return `from=${at(0)}&to=${at(2)}`;
};
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

const ofEvidence = ({ leadId, evidenceId }: Owned) => ({ ids: { id: leadId, evidenceId } });
const EVIDENCE_ROWS: Record<string, Row> = {
  "GET /api/leads/[id]/evidence": {
    scope: "leads:read",
    people: "all",
    ok: 200,
    foreign: 404,
    ask: ({ leadId }) => ({ ids: { id: leadId } }),
  },
  "POST /api/leads/[id]/evidence": {
    scope: "leads:write",
    people: "not viewers",
    ok: 201,
    foreign: 404,
    ask: ({ leadId }) => ({ ids: { id: leadId }, body: { filename: `${CANARY}.pdf`, bytes: 9 } }),
  },
  "GET /api/leads/[id]/evidence/[evidenceId]/file": {
    scope: "leads:read",
    people: "all",
    ok: 200,
    foreign: 404,
    ask: ofEvidence,
  },
  // It has come already: what comes is sent in tests/leads/evidence.db.test.ts.
  "PUT /api/leads/[id]/evidence/[evidenceId]/file": {
    scope: "leads:write",
    people: "not viewers",
    ok: 409,
    foreign: 404,
    ask: ofEvidence,
  },
  "POST /api/leads/[id]/evidence/[evidenceId]/file": {
    scope: "leads:write",
    people: "not viewers",
    ok: 202,
    foreign: 404,
    ask: ofEvidence,
  },
  "DELETE /api/leads/[id]/evidence/[evidenceId]": {
    scope: "leads:write",
    people: "not viewers",
    ok: 204,
    foreign: 404,
    ask: ofEvidence,
  },
};

/** Their rows: see routes.test.ts for what is asked of each. */
export const ROWS: Record<string, Row> = {
  ...EVIDENCE_ROWS,
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
  "GET /api/exports": { scope: "export:read", people: "not viewers", ok: 200, foreign: "its own", ask: () => ({}) },
  "POST /api/exports": {
    scope: "export:read",
    people: "not viewers",
    ok: 202,
    foreign: "its own",
    ask: () => ({ body: { kind: "leads", filter: { q: CANARY } } }),
  },
  "GET /api/exports/[id]": {
    scope: "export:read",
    people: "not viewers",
    ok: 200,
    foreign: 404,
    ask: ({ exportId }) => ({ ids: { id: exportId } }),
  },
  "GET /api/exports/[id]/file": {
    scope: "export:read",
    people: "not viewers",
    ok: 200,
    foreign: 404,
    ask: ({ exportId }) => ({ ids: { id: exportId } }),
  },
  "DELETE /api/exports/[id]": {
    scope: "export:read",
    people: "not viewers",
    ok: 204,
    foreign: 404,
    ask: ({ exportId }) => ({ ids: { id: exportId } }),
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
  "GET /api/consultations": {
    scope: "leads:read",
    people: "all",
    ok: 200,
    foreign: "its own",
    ask: () => ({ query: `?${inADay()}` }),
  },
  "POST /api/consultations": {
    scope: "leads:write",
    people: "not viewers",
    ok: 201,
    foreign: 404,
    ask: ({ leadId }) => ({ body: consultation(leadId) }),
  },
  "GET /api/consultations/[id]": {
    scope: "leads:read",
    people: "all",
    ok: 200,
    foreign: 404,
    ask: ({ consultationId }) => ({ ids: { id: consultationId } }),
  },
  "POST /api/consultations/[id]/move": {
    scope: "leads:write",
    people: "not viewers",
    ok: 200,
    foreign: 404,
    ask: ({ consultationId }) => ({
      ids: { id: consultationId },
      body: { startsAt: new Date(Date.now() + 90_000_000).toISOString() },
    }),
  },
  "POST /api/consultations/[id]/cancel": {
    scope: "leads:write",
    people: "not viewers",
    ok: 200,
    foreign: 404,
    ask: ({ consultationId }) => ({ ids: { id: consultationId }, body: {} }),
  },
  "POST /api/consultations/[id]/outcome": {
    scope: "leads:write",
    people: "not viewers",
    ok: 200,
    foreign: 404,
    ask: ({ consultationId }) => ({ ids: { id: consultationId }, body: { outcome: "retained" } }),
  },
  "POST /api/consultations/[id]/attendance": {
    scope: "leads:write",
    people: "not viewers",
    ok: 200,
    foreign: 404,
    ask: ({ consultationId }) => ({ ids: { id: consultationId }, body: { attendance: "attended" } }),
  },
  "POST /api/consultations/[id]/mirrors": {
    scope: "leads:write",
    people: "not viewers",
    ok: 200,
    foreign: 404,
    ask: ({ consultationId }) => ({ ids: { id: consultationId } }),
  },
  "POST /api/consultations/[id]/lead": {
    scope: "leads:write",
    people: "not viewers",
    ok: 200,
    foreign: 404,
    ask: ({ consultationId, leadId }) => ({ ids: { id: consultationId }, body: { leadId } }),
  },
};

/** Routes that carry no firm's data; what they do is tested where it is named. */
export const FIRMLESS = new Set([
  "GET /api/health", // tests/http/server.test.ts
  "GET /api/health/details", // tests/http/operator.test.ts
  "GET /api/auth/[...nextauth]", // tests/auth/sign-in.db.test.ts
  "POST /api/auth/[...nextauth]",
  "POST /api/account/step-up", // tests/auth/step-up.db.test.ts
  "POST /api/account/step-up/options",
  "POST /api/internal/schedules", // tests/http/service-tokens.test.ts: opened by a service token alone, on our own address
  "POST /api/webhooks/acuity/[connection]", // tests/sync/acuity-webhook.db.test.ts: opened by a signature of the service that sends it
  "POST /api/webhooks/google/[connection]", // tests/sync/google-push.db.test.ts: by the token of a channel
  "POST /api/webhooks/zoom", // tests/sync/zoom-webhook.db.test.ts: by a signature
  "POST /api/webhooks/zoom/[connection]",
  "GET /api/connections/finish", // tests/connections/connecting.db.test.ts: a person lands on it, with an attempt of their own session
  "GET /api/calendar/[feed]", // tests/consultations/routes.db.test.ts: opened by the secret in its address, on the firm's host
  "POST /api/join", // tests/auth/account-join.db.test.ts
  "POST /api/join/offer",
  "POST /api/recover/password", // tests/auth/account-recover.db.test.ts
  "POST /api/recover/factor",
  "POST /api/recover/factor/offer",
  ...["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => `${method} /api/[[...rest]]`), // tests/http/server.test.ts
]);
