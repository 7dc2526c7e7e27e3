import type { DriftReport } from "@/lib/contracts/connections";
import { findEvents, type GoogleAccess, type GoogleEvent } from "@/lib/integrations/google-calendar";
import { Prisma, type Tx } from "@/lib/platform/db";
import { CONSULTATION_COLUMNS, type ConsultationRow } from "../../bookings/consultation-row";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { withAccess } from "../../tenants/connections/with-access";
import { intervalOf } from "./busy-interval";
import { calendarIdOf, detailsOf, type EventContent, eventIdOf, markedConsultation } from "./event-content";
import { readContent } from "./mirror-consultation";
import { isAt } from "./write-event";

type Item = DriftReport["items"][number];

/** More pages than this of our own future events there are not; a list without end is not followed. */
const MAX_PAGES = 20;
const MAX_OURS = 2000;
const MAX_ITEMS = 100;

/** The consultations that are still to come beside their events in the calendar. */
export async function compareCalendar(ctx: Ctx, connectionId: string): Promise<Omit<DriftReport, "checkedAt">> {
  const { access, events } = await withAccess(ctx, "google", async (given) => ({
    access: { accountId: given.accountId, settings: given.settings },
    events: await ownEvents(ctx, given),
  }));
  return inTenant(ctx, async (tx) => {
    await recordEvent(tx, ctx, {
      type: "sync.fetched",
      data: { connectionId, provider: "google", resource: "drift", items: events.length, because: "schedule" },
    });
    const rows = await futureConsultations(tx, ctx, connectionId);
    const left = new Map(events.map((event) => [event.id, event]));
    const items: Item[] = [];
    for (const row of rows) {
      const externalId = eventIdOf(ctx.tenantId, row.id);
      const event = left.get(externalId);
      left.delete(externalId);
      const fields = event ? differences(event, await readContent(tx, ctx, row, access)) : [absence(row)];
      const what = event ? "different" : "only_ours";
      if (fields.length > 0) items.push({ leadId: row.leadId, consultationId: row.id, externalId, what, fields });
    }
    for (const event of left.values()) {
      const consultationId = markedConsultation(event, ctx.tenantId);
      items.push({
        leadId: null,
        consultationId,
        externalId: event.id,
        what: "only_theirs",
        fields: ["not scheduled"],
      });
    }
    const count = (what: Item["what"]) => items.filter((item) => item.what === what).length;
    return {
      ours: rows.length,
      theirs: events.length,
      onlyOurs: count("only_ours"),
      onlyTheirs: count("only_theirs"),
      different: count("different"),
      items: items.slice(0, MAX_ITEMS),
    };
  });
}

async function ownEvents(ctx: Ctx, access: GoogleAccess): Promise<GoogleEvent[]> {
  const found: GoogleEvent[] = [];
  const asked = {
    calendarId: calendarIdOf(access),
    property: `tenantId=${ctx.tenantId}`,
    timeMin: ctx.clock.now(),
  };
  let pageToken: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await findEvents(access, { ...asked, ...(pageToken ? { pageToken } : {}) });
    found.push(...page.items.filter(({ status }) => status !== "cancelled"));
    pageToken = page.nextPageToken;
    if (!pageToken) break;
  }
  return found;
}

type Row = ConsultationRow & { details: unknown };

const futureConsultations = (tx: Tx, ctx: Ctx, connectionId: string): Promise<Row[]> =>
  tx.$queryRaw<Row[]>(Prisma.sql`
    SELECT ${CONSULTATION_COLUMNS}, k.details FROM consultation c
    LEFT JOIN sync_link k ON k.tenant_id = c.tenant_id AND k.consultation_id = c.id AND k.kind = 'event' AND k.connection_id = ${connectionId}::uuid
    WHERE c.tenant_id = ${ctx.tenantId}::uuid AND c.state = 'scheduled' AND c.ends_at > ${ctx.clock.now()}
    ORDER BY c.starts_at, c.id LIMIT ${MAX_OURS}`);

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
