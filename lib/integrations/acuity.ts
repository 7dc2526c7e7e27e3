import { z } from "zod";
import { VendorError } from "@/lib/core/errors";
import { env } from "@/lib/platform/env";
import { type HttpReply, httpRequest, kindOfStatus, retryAfterMs } from "@/lib/platform/http-client";
import { atOnce, takeTurn } from "@/lib/platform/vendor-pace";
import { type AcuityAppointment, readAppointment } from "./acuity-appointment";

/** What a call needs to speak for a firm. */
export type AcuityAccess = {
  authorization: string;
  accountId: string;
  settings: Readonly<Record<string, string>>;
};

/** A webhook of the account, ours or anybody's. */
export type AcuityWebhook = { id: string; event: string; target: string; isActive: boolean };

/** Days are `YYYY-MM-DD` on the account's own calendar, both inclusive. */
export type AcuityWindow = { minDate: string; maxDate: string; max?: number; direction?: "ASC" | "DESC" };

/** Rows that one reply holds unless it is asked for more; a full reply may have left some out. */
export const ACUITY_PAGE = 100;
/** The zone that counts when the account names none. */
const HOUSE_ZONE = "America/Chicago";

const id = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,20}$/));
const Unread = z.object({ id }).transform((row) => [row.id]);
const Me = z.object({
  id,
  email: z.string().max(254).nullish(),
  name: z.string().max(200).nullish(),
  timezone: z.string().max(100).nullish(),
});
const Webhook = z.object({
  id,
  event: z.string().max(100),
  target: z.string().max(2000),
  status: z.string().max(100).nullish(),
});
const Refusal = z.object({
  status_code: z.coerce.number(),
  error: z
    .string()
    .regex(/^\w{1,80}$/)
    .nullish()
    .catch(null),
});

/** Whose account this is. @throws VendorError */
export async function identify(
  access: Pick<AcuityAccess, "authorization">,
): Promise<{ accountId: string; label: string; settings: Record<string, string> }> {
  const me = parse(Me, (await ask(access, "GET", "/me")).json());
  return {
    accountId: me.id,
    label: me.name || me.email || `Account ${me.id}`,
    settings: me.timezone ? { timeZone: me.timezone } : {},
  };
}

/** A reply: what could be read of its rows, and the ids of those that could not, as far as they have one. */
export type AcuityList = { appointments: AcuityAppointment[]; rows: number; unread: string[] };

/** So many rows of which none can be read are no bad rows: the reply has another shape. */
const SHAPE_ROWS = 10;

/**
 * The appointments of a window of days, canceled ones too. There is no cursor: a reply of `max` rows may have left some out. A row that makes no sense is left out
 * and counted, so that one appointment does not keep all the others from being read.
 * @throws VendorError
 */
export async function listAppointments(
  access: AcuityAccess,
  { minDate, maxDate, max = ACUITY_PAGE, direction = "ASC" }: AcuityWindow,
): Promise<AcuityList> {
  const query = { minDate, maxDate, max: String(max), direction, showall: "true" };
  const rows = parse(z.array(z.unknown()), (await ask(access, "GET", "/appointments", { query })).json());
  const appointments: AcuityAppointment[] = [];
  const unread: string[] = [];
  for (const row of rows) {
    const read = tryReading(row, access);
    if (read) appointments.push(read);
    else unread.push(...(Unread.safeParse(row).data ?? []));
  }
  if (appointments.length === 0 && rows.length >= SHAPE_ROWS) readAppointment(rows[0], zoneOf(access));
  return { appointments, rows: rows.length, unread };
}

function tryReading(row: unknown, access: AcuityAccess): AcuityAppointment | null {
  try {
    return readAppointment(row, zoneOf(access));
  } catch (error) {
    if (error instanceof VendorError && error.kind === "garbled") return null;
    throw error;
  }
}

/** One appointment; null when Acuity knows none of this id. @throws VendorError */
export async function getAppointment(access: AcuityAccess, appointmentId: string): Promise<AcuityAppointment | null> {
  try {
    return readAppointment((await ask(access, "GET", `/appointments/${appointmentId}`)).json(), zoneOf(access));
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Cancels an appointment. What it is like then is asked with `getAppointment`. @throws VendorError; `rejected` with the `code` of Acuity when it refuses */
export async function cancelAppointment(
  access: AcuityAccess,
  appointmentId: string,
  { isNoShow = false, note }: { isNoShow?: boolean; note?: string | undefined } = {},
): Promise<void> {
  const body = { ...(note ? { cancelNote: note } : {}), ...(isNoShow ? { noShow: true } : {}) };
  await ask(access, "PUT", `/appointments/${appointmentId}/cancel`, { body });
}

/** Moves an appointment to another time. @throws VendorError; `rejected` with the `code` of Acuity when it refuses */
export async function rescheduleAppointment(
  access: AcuityAccess,
  appointmentId: string,
  startsAt: Date,
): Promise<void> {
  // Without an offset Acuity would read the time on the clocks of the account.
  const body = { datetime: startsAt.toISOString().replace(/\.\d{3}Z$/, "+0000") };
  await ask(access, "PUT", `/appointments/${appointmentId}/reschedule`, { body });
}

/** Every webhook of the account. @throws VendorError */
export async function listWebhooks(access: AcuityAccess): Promise<AcuityWebhook[]> {
  const rows = parse(z.array(Webhook), (await ask(access, "GET", "/webhooks")).json());
  return rows.map(toWebhook);
}

/** Subscribes an address to an event. An account has room for 25. @throws VendorError */
export async function createWebhook(access: AcuityAccess, event: string, target: string): Promise<AcuityWebhook> {
  return toWebhook(parse(Webhook, (await ask(access, "POST", "/webhooks", { body: { event, target } })).json()));
}

/** Ends a subscription; one that is gone already is gone. @throws VendorError */
export async function deleteWebhook(access: AcuityAccess, webhookId: string): Promise<void> {
  try {
    await ask(access, "DELETE", `/webhooks/${webhookId}`);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

const zoneOf = ({ settings }: AcuityAccess): string => settings.timeZone ?? HOUSE_ZONE;

const toWebhook = ({ id, event, target, status }: z.output<typeof Webhook>): AcuityWebhook => ({
  id,
  event,
  target,
  isActive: !status || status === "active",
});

/** A page that is not found is not an appointment that is gone: only Acuity's own words count. */
const isGone = (error: unknown): boolean =>
  error instanceof VendorError && error.kind === "rejected" && error.status === 404;

type Asked = { query?: Record<string, string>; body?: object };

async function ask(
  { authorization }: Pick<AcuityAccess, "authorization">,
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  { query = {}, body }: Asked = {},
): Promise<HttpReply> {
  const url = new URL(`${env().ACUITY_BASE_URL.replace(/\/$/, "")}/api/v1${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  // Acuity counts by the address that calls, and every firm's calls come from ours.
  const reply = await atOnce("acuity.address", "house", async () => {
    await takeTurn("acuity.address", "house");
    return httpRequest({
      vendor: "acuity",
      url,
      method,
      headers: {
        Accept: "application/json",
        Authorization: authorization,
        ...(body ? { "Content-Type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      maxBytes: 8_000_000,
      accept: () => true,
    });
  });
  if (reply.status >= 200 && reply.status <= 299) return reply;
  throw refusalOf(reply);
}

/** The failure that a reply means: the words of Acuity's message may quote a person, so only its code is kept. */
function refusalOf(reply: HttpReply): VendorError {
  const { status } = reply;
  const said = Refusal.safeParse(bodyOf(reply)).data;
  const code = said?.error ?? undefined;
  const options = { status, code, retryAfterMs: retryAfterMs(reply.headers) };
  if (status === 404 && said?.status_code !== 404) {
    return new VendorError("acuity", "garbled", "answered 404, and not in Acuity's words", options);
  }
  return new VendorError("acuity", kindOfStatus(status), `answered ${status}${code ? ` (${code})` : ""}`, options);
}

function bodyOf(reply: HttpReply): unknown {
  try {
    return reply.json();
  } catch {
    return null;
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new VendorError("acuity", "garbled", "sent an answer of another shape", { cause: parsed.error });
}
