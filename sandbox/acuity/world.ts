import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "@/lib/core/clock";
import { localDate } from "@/lib/core/local-time";
import { RateLimit } from "../http/rate";
import { OAuthServer } from "../oauth/oauth-server";
import { OAUTH_PRESETS } from "../oauth/presets";
import { type Appointment, type FormAnswer, typeOf } from "./appointment";
import { Webhooks } from "./webhooks";

/** An account of somebody at Acuity. */
export type Account = { id: string; label: string; email: string; apiKey: string; timeZone: string };

/** Who has an account. */
export const ACUITY_ACCOUNTS: readonly Account[] = [
  {
    id: "10001",
    label: "Smith Law",
    email: "frontdesk@smithlaw.example",
    apiKey: "sandbox-acuity-key-10001",
    timeZone: "America/Chicago",
  },
  {
    id: "10002",
    label: "Riverbend Defense",
    email: "office@riverbend.example",
    apiKey: "sandbox-acuity-key-10002",
    timeZone: "America/Denver",
  },
];

/** What the API says when it will not. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What somebody who books fills in. */
export type Booking = {
  startsAt: Date;
  firstName: string;
  lastName: string;
  email?: string;
  phone?: string;
  typeId?: number;
  minutes?: number;
  timeZone?: string;
  location?: string;
  notes?: string;
  answers?: FormAnswer[];
};

const FIRST_ID = 800_001;

/** What stands at the stand-in of this service; everything is forgotten by `reset`. */
export class AcuityWorld {
  readonly webhooks = new Webhooks();
  readonly oauth = new OAuthServer(
    { ...OAUTH_PRESETS.acuity, accounts: ACUITY_ACCOUNTS, scopes: ["api-v1"] },
    { now: () => this.now() },
  );
  /** What an address may ask in a second, unless a test says otherwise. */
  readonly rate = new RateLimit();
  /** Codes that the next changes are refused with. */
  refusals: string[] = [];
  #appointments = new Map<number, Appointment>();
  #nextId = FIRST_ID;
  #clock: Clock = systemClock;

  constructor() {
    this.rate.set(10);
  }

  keepTimeBy(clock: Clock): this {
    this.#clock = clock;
    return this;
  }

  now(): Date {
    return this.#clock.now();
  }

  reset(): void {
    this.#appointments.clear();
    this.#nextId = FIRST_ID;
    this.refusals = [];
    this.webhooks.reset();
    this.oauth.reset();
    this.rate.set(10);
  }

  /** All of an account that begin on these days of its calendar, both inclusive; earliest first. */
  list(
    account: Account,
    { minDate, maxDate }: { minDate?: string | null; maxDate?: string | null } = {},
  ): Appointment[] {
    return [...this.#appointments.values()]
      .filter(({ accountId, startsAt }) => {
        const day = localDate(startsAt, account.timeZone);
        return accountId === account.id && (!minDate || day >= minDate) && (!maxDate || day <= maxDate);
      })
      .toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime() || a.id - b.id);
  }

  find(id: number, account?: Account): Appointment | null {
    const found = this.#appointments.get(id);
    return found && (!account || found.accountId === account.id) ? found : null;
  }

  /** @throws Refusal when there is none of this account */
  require(id: number, account?: Account): Appointment {
    const found = this.find(id, account);
    if (!found) throw new Refusal(404, "not_found", "The appointment was not found.");
    return found;
  }

  findByHash(hash: string): Appointment | null {
    return [...this.#appointments.values()].find((each) => each.hash === hash) ?? null;
  }

  book(account: Account, booking: Booking): Appointment {
    this.#mayRefuse();
    const type = typeOf(booking.typeId ?? 501);
    const minutes = booking.minutes ?? type.minutes;
    this.#requireFree(account.id, booking.startsAt, minutes);
    const id = this.#nextId;
    this.#nextId += 1;
    const meeting = `https://zoom.us/j/9${String(id).padStart(10, "0")}?pwd=sandbox`;
    const made: Appointment = {
      id,
      accountId: account.id,
      hash: randomBytes(16).toString("hex"),
      startsAt: booking.startsAt,
      minutes,
      typeId: type.id,
      firstName: booking.firstName,
      lastName: booking.lastName,
      email: booking.email ?? "",
      phone: booking.phone ?? "",
      timeZone: booking.timeZone ?? account.timeZone,
      location: booking.location ?? (type.makesMeeting ? meeting : ""),
      notes: booking.notes ?? "",
      answers: booking.answers ?? [],
      price: type.price,
      isPaid: false,
      isCanceled: false,
      isNoShow: false,
      createdAt: this.now(),
    };
    this.#appointments.set(id, made);
    return this.#tell(made, "scheduled");
  }

  move(appointment: Appointment, startsAt: Date): Appointment {
    this.#mayRefuse();
    if (appointment.isCanceled)
      throw new Refusal(400, "reschedule_not_allowed", "This appointment can not be rescheduled.");
    this.#requireFree(appointment.accountId, startsAt, appointment.minutes, appointment.id);
    appointment.startsAt = startsAt;
    return this.#tell(appointment, "rescheduled");
  }

  cancel(appointment: Appointment, { isNoShow = false, note = "" } = {}): Appointment {
    this.#mayRefuse();
    appointment.isCanceled = true;
    appointment.isNoShow = isNoShow;
    if (note) appointment.notes = [appointment.notes, note].filter(Boolean).join("\n");
    return this.#tell(appointment, "canceled");
  }

  /** Somebody in the office took the cancellation back. */
  reinstate(appointment: Appointment): Appointment {
    appointment.isCanceled = false;
    appointment.isNoShow = false;
    return this.#tell(appointment, "changed");
  }

  change(appointment: Appointment, fields: Partial<Omit<Appointment, "id" | "accountId" | "hash">>): Appointment {
    return this.#tell(Object.assign(appointment, fields), "changed");
  }

  /** It is gone as if it had never been, and nobody is told. */
  remove(appointment: Appointment): void {
    this.#appointments.delete(appointment.id);
  }

  /** Half hours of the next days on the account's clocks that nobody has taken. */
  isFree(accountId: string, startsAt: Date, minutes: number, but?: number): boolean {
    const from = startsAt.getTime();
    const to = from + minutes * 60_000;
    return ![...this.#appointments.values()].some(
      (each) =>
        each.accountId === accountId &&
        !each.isCanceled &&
        each.id !== but &&
        each.startsAt.getTime() < to &&
        each.startsAt.getTime() + each.minutes * 60_000 > from,
    );
  }

  #requireFree(accountId: string, startsAt: Date, minutes: number, but?: number): void {
    if (!this.isFree(accountId, startsAt, minutes, but))
      throw new Refusal(400, "not_available", "The time is not available.");
  }

  #mayRefuse(): void {
    const code = this.refusals.shift();
    if (code) throw new Refusal(400, code, "The request was refused.");
  }

  #tell(appointment: Appointment, what: string): Appointment {
    this.webhooks.tell(appointment.accountId, appointment, what);
    return appointment;
  }
}
