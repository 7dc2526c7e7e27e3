import { AskExport } from "@/lib/contracts/exports";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { bookConsultation } from "@/lib/domain/bookings/book-consultation";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { askExport } from "@/lib/domain/reports/exports/ask-export";
import { referenceIn } from "@/lib/domain/sync/zoom/meeting-plan";
import { storeConnection } from "@/lib/domain/tenants/connections/store-connection";
import type { Sandbox } from "@/sandbox/server";
import { ZOOM_ACCOUNTS, ZOOM_SERVER_APPS } from "@/sandbox/zoom/world";
import { asOwner, type TestFirm } from "@/tests/setup/firms";

const HOUR = 3_600_000;
const [ACCOUNT] = ZOOM_ACCOUNTS;
const SCOPES = [...(ZOOM_SERVER_APPS.find(({ accountId }) => accountId === ACCOUNT.id)?.scopes ?? [])];

let numbers = 0;
/** A number that nobody else of this process has, and that the stand-in knows nothing special about. */
function nextNumber(): string {
  const n = numbers++;
  return `+1512${440 + Math.floor(n / 8000)}${2000 + (n % 8000)}`;
}

const personWith = (contacts: { kind: "phone"; value: string }[], name = "lead") => ({
  sourceId: `${name}-${newId()}`,
  name: { full: "FICTUS, ROWAN" },
  county: "Travis",
  charges: [{ offense: "DRIVING WHILE INTOXICATED" }],
  contacts,
});

/** Has new leads with a phone each: a look-up for every one of them. The ids of the leads at their source begin with `name`. */
export async function askForLookups(firm: TestFirm, count: number, name?: string): Promise<void> {
  const leads = Array.from({ length: count }, () => personWith([{ kind: "phone", value: nextNumber() }], name));
  await ingestLeads(firm.asKey(), { source: "api", leads });
}

export const askForExport = async (firm: TestFirm): Promise<void> => {
  await askExport(firm.asUser(), AskExport.parse({ kind: "leads", filter: {} }));
};

let meetings = 0;
/** Agrees on a consultation: a meeting at Zoom. */
export async function askForMeeting(firm: TestFirm): Promise<void> {
  const { results } = await ingestLeads(firm.asKey(), { source: "api", leads: [personWith([])] });
  const startsAt = new Date(systemClock.now().getTime() + (48 + meetings++) * HOUR).toISOString();
  const leadId = results[0]?.leadId ?? "";
  await bookConsultation(firm.asUser(), { leadId, startsAt, minutes: 30, kind: "Consultation" });
}

/** Connects the firm to the stand-in of Zoom, as if one of its people had said yes. */
export async function connectZoom(firm: TestFirm, { zoom }: Sandbox): Promise<void> {
  const { grants } = zoom.world.oauth;
  const grant = grants.open({ accountId: ACCOUNT.id, clientId: "arrestra-sandbox", scopes: SCOPES });
  const accessExpiresAt = new Date(systemClock.now().getTime() + 24 * HOUR);
  await storeConnection(firm.asService(), {
    provider: "zoom",
    mode: "oauth",
    identity: { accountId: ACCOUNT.id, label: ACCOUNT.email, settings: { userId: ACCOUNT.userId } },
    scopes: SCOPES,
    settings: {},
    accessExpiresAt,
    secrets: {
      access_token: grants.accessToken(grant, accessExpiresAt.getTime(), null),
      refresh_token: grants.refreshToken(grant),
    },
    connectedBy: firm.user.id,
  });
}

/** What was asked for, what of it never came about, and what came about more than once. */
export type Effects = { asked: number; lost: number; double: number };

const judge = (counts: readonly number[]): Effects => ({
  asked: counts.length,
  lost: counts.filter((count) => count === 0).length,
  double: counts.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
});

export const sumOf = (all: readonly Effects[]): Effects =>
  all.reduce(
    (sum, { asked, lost, double }) => ({
      asked: sum.asked + asked,
      lost: sum.lost + lost,
      double: sum.double + double,
    }),
    { asked: 0, lost: 0, double: 0 },
  );

const countsOf = (firm: TestFirm, sql: string): Promise<number[]> =>
  asOwner(firm.id, async (client) => (await client.query<{ count: number }>(sql)).rows.map(({ count }) => count));

/** Look-ups by what was recorded of them. */
export const lookupEffects = async (firm: TestFirm): Promise<Effects> =>
  judge(
    await countsOf(
      firm,
      `SELECT count(v.id)::int AS count FROM enrichment e
       LEFT JOIN event v ON v.type = 'lead.enriched' AND v.data->>'enrichmentId' = e.id::text GROUP BY e.id`,
    ),
  );

/** Exports by the files that were said to be written. */
export const exportEffects = async (firm: TestFirm): Promise<Effects> =>
  judge(
    await countsOf(
      firm,
      `SELECT count(v.id)::int AS count FROM file_export f
       LEFT JOIN event v ON v.type = 'lead.export_finished' AND v.data->>'exportId' = f.id::text AND v.data->'complete' = 'true'
       GROUP BY f.id`,
    ),
  );

/** Consultations by the meetings that there are at Zoom. */
export async function meetingEffects(firm: TestFirm, { zoom }: Sandbox): Promise<Effects> {
  const made = [...zoom.world.meetings.values()].map(({ agenda }) => referenceIn(agenda));
  const ids = await asOwner(firm.id, async (client) =>
    (await client.query<{ id: string }>("SELECT id FROM consultation")).rows.map(({ id }) => id),
  );
  return judge(ids.map((id) => made.filter((each) => each === id).length));
}
