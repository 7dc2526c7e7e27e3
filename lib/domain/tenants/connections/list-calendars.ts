import type { CalendarList } from "@/lib/contracts/connections";
import { listCalendars } from "@/lib/integrations/google-calendar";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { recordEvent } from "../../events/record-events";
import { withAccess } from "./with-access";

/**
 * The calendars of the connected Google account that consultations may be written to, the primary one first. Asked for at Google each time, which is an event.
 * Needs `connections:manage`. @throws what `withAccess` throws.
 */
export async function listCalendarChoices(ctx: Ctx): Promise<CalendarList> {
  requirePermission(ctx, "connections:manage");
  const { connectionId, calendars } = await withAccess(ctx, "google", async (access) => ({
    connectionId: access.connectionId,
    calendars: await listCalendars(access),
  }));
  const data = {
    connectionId,
    provider: "google",
    resource: "calendars",
    items: calendars.length,
    because: "person",
  } as const;
  await inTenant(ctx, (tx) => recordEvent(tx, ctx, { type: "sync.fetched", data }));
  return { calendars: calendars.map(({ id, name, isPrimary }) => ({ id, name, isPrimary })) };
}
