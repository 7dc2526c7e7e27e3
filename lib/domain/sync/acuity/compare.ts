import { Prisma } from "@/lib/platform/db";
import type { SeenBooking } from "../../bookings/seen-booking";
import { contentHashOf, tidyBooking } from "../../bookings/tidy-booking";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { withAccess } from "../../tenants/connections/with-access";
import { type Drift, type DriftItem, driftOf } from "../drift";
import { accountZone } from "./account-zone";
import { listWindow } from "./list-window";
import { recordFetch } from "./record-exchange";
import { toSeen } from "./seen-appointment";
import { dayFrom, plusDays, windowOf } from "./windows";

const AHEAD_DAYS = 60;
const WINDOW_DAYS = 31;
const DAY_MS = 86_400_000;

type Ours = {
  id: string;
  leadId: string;
  sourceId: string;
  state: SeenBooking["state"];
  startsAt: Date;
  endsAt: Date;
  kind: string;
  contentHash: string;
};
/** What could be read by id, and the ids of what could not. */
type Theirs = { theirs: Map<string, SeenBooking>; unread: Set<string> };

/** Ours beside theirs over the next sixty days. What is canceled on one side and unknown on the other is no difference. */
export async function compareAppointments(ctx: Ctx, connectionId: string): Promise<Drift> {
  const { theirs, unread } = await listTheirs(ctx, connectionId);
  const ours = await listOurs(ctx, [...theirs.keys()]);
  const items: DriftItem[] = [];
  for (const row of ours.values()) {
    const seen = theirs.get(row.sourceId);
    if (seen && contentHashOf(ctx.tenantId, seen) !== row.contentHash)
      items.push(itemOf(row, "different", fieldsOf(row, seen)));
    if (!seen && row.state !== "canceled" && !unread.has(row.sourceId)) items.push(itemOf(row, "only_ours", []));
  }
  for (const seen of theirs.values()) {
    if (ours.has(seen.sourceId) || seen.state === "canceled") continue;
    items.push({ leadId: null, consultationId: null, externalId: seen.sourceId, what: "only_theirs", fields: [] });
  }
  return driftOf({ ours: ours.size, theirs: theirs.size, items });
}

async function listTheirs(ctx: Ctx, connectionId: string): Promise<Theirs> {
  const zone = await accountZone(ctx);
  const now = ctx.clock.now();
  const until = dayFrom(now, zone, AHEAD_DAYS);
  const found = new Map<string, SeenBooking>();
  const unread = new Set<string>();
  for (let next = dayFrom(now, zone, 0); next <= until; ) {
    const window = windowOf(next, WINDOW_DAYS, until);
    const listed = await withAccess(ctx, "acuity", (access) => listWindow(access, window));
    const items = listed.appointments.length;
    await inTenant(ctx, (tx) =>
      recordFetch(tx, ctx, { connectionId, resource: "appointments", items, because: "schedule" }),
    );
    for (const appointment of listed.appointments) found.set(appointment.id, tidyBooking(toSeen(appointment)));
    for (const id of listed.unread) unread.add(id);
    next = plusDays(listed.maxDate, 1);
  }
  // Of today only what is still to come, as of ours.
  return { theirs: new Map([...found].filter(([, seen]) => seen.startsAt >= now)), unread };
}

async function listOurs(ctx: Ctx, sourceIds: readonly string[]): Promise<Map<string, Ours>> {
  const now = ctx.clock.now();
  const until = new Date(now.getTime() + (AHEAD_DAYS - 1) * DAY_MS);
  const rows = await inTenant(ctx, (tx) =>
    tx.$queryRaw<Ours[]>(Prisma.sql`
      SELECT id, lead_id AS "leadId", source_id AS "sourceId", state, starts_at AS "startsAt", ends_at AS "endsAt", kind,
        content_hash AS "contentHash"
      FROM consultation
      WHERE tenant_id = ${ctx.tenantId}::uuid AND origin = 'acuity'
        AND (source_id = ANY (${[...sourceIds]}) OR (starts_at >= ${now} AND starts_at < ${until}))`),
  );
  return new Map(rows.map((row) => [row.sourceId, row]));
}

const itemOf = ({ id, leadId, sourceId }: Ours, what: DriftItem["what"], fields: string[]): DriftItem => ({
  leadId,
  consultationId: id,
  externalId: sourceId,
  what,
  fields,
});

/** In what two differ, by name; what is sealed or small is `details`. */
function fieldsOf(ours: Ours, theirs: SeenBooking): string[] {
  const fields = [
    ours.state === theirs.state ? null : "state",
    ours.startsAt.getTime() === theirs.startsAt.getTime() ? null : "startsAt",
    ours.endsAt.getTime() === theirs.endsAt.getTime() ? null : "endsAt",
    ours.kind === theirs.kind ? null : "kind",
  ].filter((field) => field !== null);
  return fields.length > 0 ? fields : ["details"];
}
