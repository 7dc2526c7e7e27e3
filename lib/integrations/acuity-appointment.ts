import { z } from "zod";
import type { Booker, BookingFacts } from "@/lib/core/consultation";
import { VendorError } from "@/lib/core/errors";
import { isTimeZone } from "@/lib/core/local-time";
import { parseCents } from "@/lib/core/money";

/** An appointment as Acuity holds it, in plain values. Who names no zone is in the account's. */
export type AcuityAppointment = Omit<BookingFacts, "state"> & {
  id: string;
  isCanceled: boolean;
  isNoShow: boolean;
  person: Booker;
};

// Numbers come as texts, ids as either, and what is not filled in as "" or null.
const words = z.union([z.string(), z.number(), z.boolean()]).transform((value) => String(value).trim());
const maybe = words.nullish().transform((value) => value || null);
const flag = maybe.transform((value) => value === "true" || value === "1" || value === "yes");
const digits = words.pipe(z.string().regex(/^\d{1,20}$/));

const Answer = z.object({ name: maybe, value: maybe });
const Form = z.object({ values: z.array(Answer).nullish() });
const Appointment = z.object({
  id: digits,
  firstName: maybe,
  lastName: maybe,
  phone: maybe,
  email: maybe,
  datetime: words,
  datetimeCreated: maybe,
  dateCreated: maybe,
  duration: words.pipe(z.string().regex(/^\d{1,5}(\.0+)?$/)),
  price: maybe,
  paid: maybe,
  type: maybe,
  calendar: maybe,
  location: maybe,
  notes: maybe,
  noShow: flag,
  canceled: flag,
  timezone: maybe,
  forms: z.array(Form).nullish(),
});

const MAX_NOTES = 8000;
const MAX_COLUMN_CENTS = 2_147_483_647;

/** Reads one appointment. @throws VendorError `garbled` when it is none */
export function readAppointment(value: unknown, accountZone: string): AcuityAppointment {
  const parsed = Appointment.safeParse(value);
  const startsAt = parsed.success ? readInstant(parsed.data.datetime) : null;
  if (!parsed.success || !startsAt) {
    throw new VendorError("acuity", "garbled", "sent an appointment of another shape", { cause: parsed.error });
  }
  const { data } = parsed;
  const answers = (data.forms ?? []).flatMap((form) => form.values ?? []).filter((answer) => answer.value);
  return {
    id: data.id,
    isCanceled: data.canceled,
    isNoShow: data.noShow,
    startsAt,
    endsAt: new Date(startsAt.getTime() + Math.max(1, Number(data.duration)) * 60_000),
    timeZone: data.timezone && isTimeZone(data.timezone) ? data.timezone : accountZone,
    kind: (data.type ?? "Appointment").slice(0, 120),
    calendarName: data.calendar?.slice(0, 120) ?? null,
    location: data.location?.slice(0, 300) ?? null,
    joinUrl: findMeeting(data.location),
    priceCents: readPrice(data.price),
    isPaid: data.paid === "yes" ? true : data.paid === "no" ? false : null,
    notes:
      [data.notes, ...answers.map(({ name, value }) => (name ? `${name}: ${value}` : value))]
        .filter((line) => line !== null)
        .join("\n")
        .slice(0, MAX_NOTES)
        .trim() || null,
    bookedAt: readInstant(data.datetimeCreated) ?? readDay(data.dateCreated) ?? startsAt,
    person: {
      firstName: (data.firstName ?? "").slice(0, 100),
      lastName: (data.lastName ?? "").slice(0, 100),
      email: data.email?.slice(0, 254) ?? null,
      phone: data.phone?.slice(0, 40) ?? null,
    },
  };
}

/** `2026-02-03T14:00:00-0800`: the offset has no colon, and one must be there. */
function readInstant(printed: string | null): Date | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:\.\d{1,3})?)(Z|([+-]\d{2}):?(\d{2}))$/.exec(
    printed ?? "",
  );
  if (!match) return null;
  const at = new Date(`${match[1]}${match[2] === "Z" ? "Z" : `${match[3]}:${match[4]}`}`);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** `July 2, 2026`: a day without a zone, for want of better. */
function readDay(printed: string | null): Date | null {
  const at = /^[A-Z][a-z]+ \d{1,2}, \d{4}$/.test(printed ?? "") ? new Date(`${printed} UTC`) : null;
  return at && !Number.isNaN(at.getTime()) ? at : null;
}

function readPrice(printed: string | null): number | null {
  const cents = printed === null ? null : parseCents(printed);
  return cents !== null && cents <= MAX_COLUMN_CENTS ? cents : null;
}

/**
 * A link becomes a button that people press, so only hosts that are known to hold meetings count; and only where Acuity puts its own meeting: what a person types
 * into the booking form is what they say.
 */
const MEETING_HOSTS = [/^([a-z0-9-]+\.)?zoom\.us$/, /^meet\.google\.com$/, /^teams\.(microsoft|live)\.com$/];

function findMeeting(location: string | null): string | null {
  const links = location?.match(/https:\/\/[^\s<>"']+/g) ?? [];
  const meeting = links.find((link) => {
    const url = URL.parse(link);
    // A name before an @ would make the host look like another.
    return url && !url.username && !url.password && !url.port && MEETING_HOSTS.some((host) => host.test(url.hostname));
  });
  return meeting && meeting.length <= 2000 ? meeting : null;
}
