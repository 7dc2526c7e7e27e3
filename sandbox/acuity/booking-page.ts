import { fromWallTime, localDate, toWallTime } from "@/lib/core/local-time";
import { type Exchange, readBody, reply, replyHtml } from "../http/exchange";
import { escapeHtml } from "../http/html";
import { APPOINTMENT_TYPES, type Appointment, typeOf } from "./appointment";
import { ACUITY_ACCOUNTS, type Account, type AcuityWorld, Refusal } from "./world";

const STYLE = `
:root { color-scheme: light dark; --canvas: light-dark(#fff, #111315); --line: light-dark(#d3d7db, #3a3f45); --ink: light-dark(#171c22, #e6e8ea);
  --ink-2: light-dark(#484e55, #b2b6bb); --accent: light-dark(#116080, #73c9e1); --on-accent: light-dark(#fff, #111315) }
* { box-sizing: border-box }
body { margin: 0; background: var(--canvas); color: var(--ink); font: 15px/1.55 system-ui, "Segoe UI", sans-serif }
main { max-width: 460px; margin: 0 auto; padding: 40px 20px 64px }
h1 { font-size: 22px; line-height: 28px; margin: 0 0 12px } p { color: var(--ink-2); margin: 0 0 14px } form { margin: 0 0 20px }
label { display: block; font-weight: 600; margin: 0 0 12px }
input, select, textarea { display: block; width: 100%; margin-top: 3px; padding: 8px 10px; font: inherit; font-weight: 400; color: inherit;
  background: var(--canvas); border: 1px solid var(--line); border-radius: 6px }
button { font: inherit; padding: 8px 18px; border-radius: 6px; border: 1px solid transparent; background: var(--accent); color: var(--on-accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px } [role=alert] { color: light-dark(#a5281b, #ff9d8f) }
`;

const page = (title: string, main: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title>
<style>${STYLE}</style></head><body><main>${main}</main></body></html>`;

/** The pages of whoever books: `/schedule/{account}`, and one for each appointment, where it is moved and canceled. Plain forms. */
export async function answerSchedule(exchange: Exchange, world: AcuityWorld): Promise<void> {
  const { req, res, path } = exchange;
  const [, accountId, hash] = /^\/schedule\/(\d+)(?:\/appointment\/([0-9a-f]{32}))?$/.exec(path) ?? [];
  const account = ACUITY_ACCOUNTS.find(({ id }) => id === accountId);
  const appointment = hash ? world.findByHash(hash) : null;
  if (!account || (hash && appointment?.accountId !== account.id)) {
    return replyHtml(res, 404, page("Not found", "<h1>There is nothing here</h1>"));
  }
  const show = (status: number, problem?: string) =>
    replyHtml(
      res,
      status,
      appointment
        ? appointmentPage(exchange, world, account, appointment, problem)
        : bookingPage(world, account, problem),
    );
  if (req.method !== "POST") return show(200);
  try {
    const form = new URLSearchParams(await readBody(req));
    const done = appointment ? change(world, appointment, form) : book(world, account, form);
    // What came of it is there when the page shows it, so that whoever looks next sees it too.
    await world.webhooks.settled();
    reply(res, 303, { Location: `${exchange.base}/schedule/${account.id}/appointment/${done.hash}` }, "");
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    show(400, problem.message);
  }
}

function book(world: AcuityWorld, account: Account, form: URLSearchParams): Appointment {
  const field = (name: string) => (form.get(name) ?? "").trim();
  if (!field("firstName") || !field("lastName") || !field("email"))
    throw new Refusal(400, "required_field", "Please fill in your name and e-mail address.");
  const answer = field("case");
  return world.book(account, {
    startsAt: instantOf(form),
    typeId: Number(field("type")),
    firstName: field("firstName"),
    lastName: field("lastName"),
    email: field("email"),
    phone: field("phone"),
    answers: answer ? [{ name: "What is it about?", value: answer }] : [],
  });
}

function change(world: AcuityWorld, appointment: Appointment, form: URLSearchParams): Appointment {
  return form.get("do") === "cancel" ? world.cancel(appointment) : world.move(appointment, instantOf(form));
}

function instantOf(form: URLSearchParams): Date {
  const at = new Date(form.get("datetime") ?? "");
  if (Number.isNaN(at.getTime())) throw new Refusal(400, "invalid_datetime", "Please choose a time.");
  return at;
}

/** Half hours from nine to five of the next seven days on the account's clocks. */
function freeSlots(world: AcuityWorld, account: Account, minutes: number): Date[] {
  const slots: Date[] = [];
  for (let days = 1; days <= 7; days += 1) {
    const [year = 0, month = 1, day = 1] = localDate(
      new Date(world.now().getTime() + days * 86_400_000),
      account.timeZone,
    )
      .split("-")
      .map(Number);
    for (let half = 18; half < 34; half += 1) {
      const wall = { year, month, day, hour: Math.floor(half / 2), minute: (half % 2) * 30, second: 0 };
      const at = fromWallTime(wall, account.timeZone);
      if (world.isFree(account.id, at, minutes)) slots.push(at);
    }
  }
  return slots;
}

const slotWords = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "long",
    month: "long",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
  }).format(at);

const options = (slots: readonly Date[], zone: string): string =>
  slots.map((at) => `<option value="${at.toISOString()}">${escapeHtml(slotWords(at, zone))}</option>`).join("\n");

const alertOf = (problem: string | undefined): string => (problem ? `<p role="alert">${escapeHtml(problem)}</p>` : "");

function bookingPage(world: AcuityWorld, account: Account, problem?: string): string {
  const types = APPOINTMENT_TYPES.map(({ id, name, minutes, price }) => {
    const cost = price === "0.00" ? "free" : `$${price}`;
    return `<option value="${id}">${escapeHtml(name)} (${minutes} minutes, ${cost})</option>`;
  });
  return page(
    `Book with ${account.label}`,
    `<h1>Book with ${escapeHtml(account.label)}</h1>
<p>This page is a stand-in for Acuity Scheduling. Nobody is called and nothing is paid.</p>${alertOf(problem)}
<form method="post">
<label>What <select name="type">${types.join("")}</select></label>
<label>Time <select name="datetime" required>${options(freeSlots(world, account, 60), account.timeZone)}</select></label>
<label>First name <input name="firstName" autocomplete="given-name" required></label>
<label>Last name <input name="lastName" autocomplete="family-name" required></label>
<label>E-mail <input name="email" type="email" autocomplete="email" required></label>
<label>Phone <input name="phone" type="tel" autocomplete="tel"></label>
<label>What is it about? <textarea name="case" rows="3"></textarea></label>
<button>Book</button></form>`,
  );
}

function appointmentPage(
  { base }: Exchange,
  world: AcuityWorld,
  account: Account,
  appointment: Appointment,
  problem?: string,
): string {
  const { startsAt, minutes, typeId, isCanceled, location } = appointment;
  const state = isCanceled ? "This appointment is canceled." : "See you then.";
  const { hour, minute } = toWallTime(new Date(startsAt.getTime() + minutes * 60_000), account.timeZone);
  const until = `${((hour + 11) % 12) + 1}:${String(minute).padStart(2, "0")} ${hour < 12 ? "AM" : "PM"}`;
  const forms = isCanceled
    ? ""
    : `<form method="post"><label>New time <select name="datetime">${options(freeSlots(world, account, minutes), account.timeZone)}</select></label>
<button name="do" value="move">Move</button></form>
<form method="post"><button name="do" value="cancel">Cancel this appointment</button></form>`;
  return page(
    "Your appointment",
    `<h1>${escapeHtml(typeOf(typeId).name)}</h1>
<p>${escapeHtml(slotWords(startsAt, account.timeZone))} to ${until}${location ? `, ${escapeHtml(location)}` : ""}</p>
<p role="status">${state}</p>${alertOf(problem)}
${forms}<p><a href="${base}/schedule/${account.id}">Book another</a></p>`,
  );
}
