import { toWallTime } from "@/lib/core/local-time";

/** An answer on the booking form. */
export type FormAnswer = { name: string; value: string };

/** An appointment as the stand-in keeps it. */
export type Appointment = {
  id: number;
  accountId: string;
  /** What the person's own page is found by. */
  hash: string;
  startsAt: Date;
  minutes: number;
  typeId: number;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
  timeZone: string;
  location: string;
  notes: string;
  answers: FormAnswer[];
  price: string;
  isPaid: boolean;
  isCanceled: boolean;
  isNoShow: boolean;
  /** It is printed in a way that nobody understands. */
  isGarbled?: boolean;
  createdAt: Date;
};

/** What can be booked. `makesMeeting`: the location becomes a link to a meeting. */
export const APPOINTMENT_TYPES = [
  { id: 501, name: "Free consultation", minutes: 30, price: "0.00", makesMeeting: false },
  { id: 502, name: "Case review", minutes: 60, price: "150.00", makesMeeting: false },
  { id: 503, name: "Video consultation", minutes: 30, price: "0.00", makesMeeting: true },
] as const;

/** A type by its number, the first one for any other. */
export const typeOf = (id: number) => APPOINTMENT_TYPES.find((type) => type.id === id) ?? APPOINTMENT_TYPES[0];

const CALENDAR = { id: 71, name: "Dana Counsel" };
const pad = (value: number) => String(value).padStart(2, "0");

/** ISO 8601 on the clocks of a zone, with an offset that has no colon. */
export function compactInstant(at: Date, zone: string): string {
  const wall = toWallTime(at, zone);
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);
  const minutes = Math.round((asUtc - Math.floor(at.getTime() / 1000) * 1000) / 60_000);
  const offset = `${minutes < 0 ? "-" : "+"}${pad(Math.floor(Math.abs(minutes) / 60))}${pad(Math.abs(minutes) % 60)}`;
  const day = `${wall.year}-${pad(wall.month)}-${pad(wall.day)}`;
  return `${day}T${pad(wall.hour)}:${pad(wall.minute)}:${pad(wall.second)}${offset}`;
}

const dayWords = (at: Date, timeZone: string) =>
  new Intl.DateTimeFormat("en-US", { timeZone, dateStyle: "long" }).format(at);
const timeWords = (at: Date, timeZone: string) =>
  new Intl.DateTimeFormat("en-US", { timeZone, hour: "numeric", minute: "2-digit" })
    .format(at)
    .toLowerCase()
    .replaceAll(/\s/g, "");

/** As the API prints it. Numbers come as texts where the real one has them so. */
export function printed(appointment: Appointment, accountZone: string, confirmationPage: string) {
  const { id, firstName, lastName, phone, email, startsAt, minutes, price, answers } = appointment;
  const type = typeOf(appointment.typeId);
  const endsAt = new Date(startsAt.getTime() + minutes * 60_000);
  const formsText = answers.map(({ name, value }) => `${name}: ${value}`).join("\n");
  return {
    id,
    firstName,
    lastName,
    phone,
    email,
    date: dayWords(startsAt, accountZone),
    time: timeWords(startsAt, accountZone),
    endTime: timeWords(endsAt, accountZone),
    dateCreated: dayWords(appointment.createdAt, accountZone),
    datetime: compactInstant(startsAt, accountZone),
    datetimeCreated: compactInstant(appointment.createdAt, accountZone),
    price,
    paid: appointment.isPaid ? "yes" : "no",
    amountPaid: appointment.isPaid ? price : "0.00",
    type: type.name,
    appointmentTypeID: type.id,
    classID: null,
    category: "",
    duration: appointment.isGarbled ? "all day" : String(minutes),
    calendar: CALENDAR.name,
    calendarID: CALENDAR.id,
    canClientCancel: !appointment.isCanceled,
    canClientReschedule: !appointment.isCanceled,
    location: appointment.location,
    certificate: null,
    confirmationPage,
    formsText,
    notes: appointment.notes,
    noShow: appointment.isNoShow,
    canceled: appointment.isCanceled,
    timezone: appointment.timeZone,
    forms:
      answers.length === 0
        ? []
        : [
            {
              id: 9001,
              name: "About your case",
              values: answers.map(({ name, value }, index) => ({
                id: id * 100 + index,
                fieldID: 9100 + index,
                name,
                value,
              })),
            },
          ],
    labels: [],
  };
}
