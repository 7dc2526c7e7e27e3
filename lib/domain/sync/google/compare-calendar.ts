import { findEvents, type GoogleEvent, type GoogleEventPage } from "@/lib/integrations/google-calendar";
import { Prisma, type Tx } from "@/lib/platform/db";
import { CONSULTATION_COLUMNS, type ConsultationRow } from "../../bookings/consultation-row";
import { GIVEN } from "../../bookings/keep-contacts";
import { contactIndexesOf } from "../../bookings/tidy-booking";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { withAccess } from "../../tenants/connections/with-access";
import { type Drift, type DriftItem, driftOf } from "../drift";
import { intervalOf } from "./busy-interval";
import { calendarIdOf, detailsOf, type EventContent, eventIdOf, markedConsultation } from "./event-content";
import { contentFrom, invites } from "./mirror-consultation";
import { isAt } from "./write-event";

/** More pages than this of our own future events there are not; a list without end is not followed. */
const MAX_PAGES = 20;
const MAX_OURS = 2000;
const BATCH = 200;

/**
 * The consultations that are still to come beside their events in the calendar. Ours are read a batch at a time, each in a short transaction of its own, after
 * Google was asked.
 */
export async function compareCalendar(ctx: Ctx, connectionId: string): Promise<Drift> {
  const { access, events } = await readOwnEvents(ctx, connectionId);
  const left = new Map(events.map((event) => [event.id, event]));
  const found: { item: DriftItem; at: number }[] = [];
  let ours = 0;
  let last: string | null = null;
  do {
    const rows: Row[] = await inTenant(ctx, (tx) => futureConsultations(tx, ctx, connectionId, last));
    for (const row of rows) {
      const externalId = eventIdOf(ctx.tenantId, row.id);
      const event = left.get(externalId);
      left.delete(externalId);
      // Whether somebody is invited changes what it says; who it is does not.
      const attendee = invites(access) && isInvitable(row) ? "invited" : null;
      const fields = event ? differences(event, contentFrom(ctx, row, access, { ...row, attendee })) : [absence(row)];
      const what = event ? "different" : "only_ours";
      const item: DriftItem = { leadId: row.leadId, consultationId: row.id, externalId, what, fields };
      if (fields.length > 0) found.push({ item, at: row.startsAt.getTime() });
    }
    ours += rows.length;
    last = rows.length === BATCH && ours < MAX_OURS ? (rows.at(-1)?.id ?? null) : null;
  } while (last !== null);
  const items = found.toSorted((a, b) => a.at - b.at).map(({ item }) => item);
  for (const event of left.values()) {
    const consultationId = markedConsultation(event, ctx.tenantId);
    items.push({ leadId: null, consultationId, externalId: event.id, what: "only_theirs", fields: ["not scheduled"] });
  }
  return driftOf({ ours, theirs: events.length, items });
}

/** Our own events that are to come, and the calendar that they were read in. */
async function readOwnEvents(ctx: Ctx, connectionId: string) {
  const found: GoogleEvent[] = [];
  const asked = { property: `tenantId=${ctx.tenantId}`, timeMin: ctx.clock.now() };
  const read = (pageToken?: string) =>
    withAccess(ctx, "google", async (given) => ({
      access: { accountId: given.accountId, settings: given.settings },
      page: await findEvents(given, {
        calendarId: calendarIdOf(given),
        ...asked,
        ...(pageToken ? { pageToken } : {}),
      }),
    }));
  const take = async ({ items }: GoogleEventPage) => {
    const data = { connectionId, provider: "google", resource: "drift", because: "schedule" } as const;
    await inTenant(ctx, (tx) => recordEvent(tx, ctx, { type: "sync.fetched", data: { ...data, items: items.length } }));
    found.push(...items.filter(({ status }) => status !== "cancelled"));
  };
  const { access, page } = await read();
  await take(page);
  let token = page.nextPageToken;
  for (let pages = 1; token && pages < MAX_PAGES; pages += 1) {
    const next = await read(token);
    await take(next.page);
    token = next.page.nextPageToken;
  }
  return { access, events: found };
}

type Row = ConsultationRow & {
  details: unknown;
  name: string;
  firstName: string | null;
  lastName: string | null;
  slug: string;
  /** Digests of the addresses of its lead that people gave the firm. */
  emails: string[];
};

/** As findBookerEmail, without opening the address. */
const isInvitable = ({ contentHash, emails }: Row): boolean =>
  contactIndexesOf(contentHash).some((index) => emails.includes(index));

const futureConsultations = (tx: Tx, ctx: Ctx, connectionId: string, after: string | null): Promise<Row[]> =>
  tx.$queryRaw<Row[]>(Prisma.sql`
    SELECT ${CONSULTATION_COLUMNS}, k.details, l.name, l.first_name AS "firstName", l.last_name AS "lastName", t.slug,
      ARRAY (SELECT p.value_index::text FROM contact_point p WHERE p.tenant_id = c.tenant_id AND p.lead_id = c.lead_id AND p.kind = 'email'
        AND p.origin = 'firm' AND p.given_by = ${GIVEN.givenBy}) AS emails
    FROM consultation c
    JOIN lead l ON l.tenant_id = c.tenant_id AND l.id = c.lead_id JOIN tenant t ON t.id = c.tenant_id
    LEFT JOIN sync_link k ON k.tenant_id = c.tenant_id AND k.consultation_id = c.id AND k.kind = 'event' AND k.connection_id = ${connectionId}::uuid
    WHERE c.tenant_id = ${ctx.tenantId}::uuid AND c.state = 'scheduled' AND c.ends_at > ${ctx.clock.now()}
      ${after === null ? Prisma.empty : Prisma.sql`AND c.id > ${after}::uuid`}
    ORDER BY c.id LIMIT ${BATCH}`);

const absence = ({ details }: Row): string => (detailsOf(details).removedThere ? "deleted there" : "missing there");

function differences(event: GoogleEvent, { body, ...content }: EventContent): string[] {
  const at = intervalOf(event, "UTC");
  return [
    ...(at && isAt(at, content) ? [] : ["time"]),
    ...(event.summary === body.summary ? [] : ["summary"]),
    ...((event.description ?? "") === body.description ? [] : ["description"]),
    ...((event.location ?? "") === body.location ? [] : ["location"]),
  ];
}
