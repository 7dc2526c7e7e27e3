import type { ChangeConnection } from "@/lib/contracts/connections";
import { CONNECTORS, type ConnectorName } from "@/lib/core/connectors";
import { AppError } from "@/lib/core/errors";
import { listCalendars } from "@/lib/integrations/google-calendar";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import { recordEvent } from "../../events/record-events";
import { findConnection } from "./connections";
import { withAccess } from "./with-access";

/**
 * Changes what a person chooses on a connection: the calendar, and whether guests are invited. Another calendar has to be one of the account's. What follows is
 * what follows a new connection, so that consultations to come are written as was chosen. The same again changes nothing. Needs `connections:manage` and a fresh factor.
 * @throws AppError `not_found` without a connection, `unprocessable`, and what `withAccess` throws when Google is asked for its calendars.
 */
export async function changeConnection(ctx: Ctx, provider: ConnectorName, input: ChangeConnection): Promise<void> {
  requirePermission(ctx, "connections:manage");
  requireFreshFactor(ctx);
  const wanted = toSettings(input);
  const before = await inTenant(ctx, (tx) => findConnection(tx, ctx, provider));
  if (!before) throw new AppError("not_found", `${CONNECTORS[provider].label} is not connected.`);
  if (provider !== "google" && Object.keys(wanted).length > 0) {
    throw unfit(Object.keys(wanted)[0] ?? "", `is for ${CONNECTORS.google.label} alone`);
  }
  if (wanted.calendarId && wanted.calendarId !== before.settings.calendarId) {
    const calendars = await withAccess(ctx, provider, listCalendars);
    if (!calendars.some(({ id }) => id === wanted.calendarId))
      throw unfit("calendarId", "must be one of your calendars");
  }
  await inTenant(ctx, async (tx) => {
    const { tenantId } = ctx;
    await tx.$queryRaw`SELECT 1 FROM connection WHERE tenant_id = ${tenantId}::uuid AND provider = ${provider} FOR UPDATE`;
    const row = await findConnection(tx, ctx, provider);
    if (!row) throw new AppError("not_found", `${CONNECTORS[provider].label} is not connected.`);
    const fields = Object.keys(wanted).filter((name) => row.settings[name] !== wanted[name]);
    if (fields.length === 0) return;
    await tx.connection.updateMany({
      where: { tenantId, id: row.id },
      data: { settings: { ...row.settings, ...wanted } },
    });
    const data = { connectionId: row.id, provider, fields };
    await recordEvent(tx, ctx, { type: "connection.changed", data });
    // Reads the calendar, and writes what is to come, also when only the guests are chosen.
    await enqueue(tx, "sync.connected", [{ tenantId, connectionId: row.id }]);
  });
}

const toSettings = ({ calendarId, invitesAttendees }: ChangeConnection): Record<string, string> => ({
  ...(calendarId === undefined ? {} : { calendarId }),
  ...(invitesAttendees === undefined ? {} : { invitesAttendees: String(invitesAttendees) }),
});

const unfit = (name: string, reason: string): AppError =>
  new AppError("unprocessable", "This cannot be chosen.", { invalidParams: [{ name, reason }] });
