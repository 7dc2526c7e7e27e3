import { BadCall, type Body, type ControlActions, optional, positive, text } from "../control/actions";
import { type Appointment, compactInstant } from "./appointment";
import type { DeliveryMode } from "./webhooks";
import { ACUITY_ACCOUNTS, type Account, type AcuityWorld, Refusal } from "./world";

/** What can be turned at this stand-in, as `METHOD path` below `/control/acuity/`. What tells somebody replies once they were told. */
export const acuityActions = (world: AcuityWorld): ControlActions => ({
  "GET /accounts": () => ACUITY_ACCOUNTS,
  "GET /appointments": ({ url }) => {
    const account = accountOf({ account: url.searchParams.get("account") ?? undefined });
    return world.list(account).map(shown);
  },
  "POST /book": ({ body }) =>
    told(world, () =>
      world.book(accountOf(body), {
        startsAt: instant(body),
        firstName: optional(body, "firstName") ?? "Rowan",
        lastName: optional(body, "lastName") ?? "Fictus",
        ...given(body, ["email", "phone", "timeZone", "location", "notes"]),
        ...(body.type === undefined ? {} : { typeId: positive(body, "type") ?? 501 }),
        ...(body.minutes === undefined ? {} : { minutes: positive(body, "minutes") ?? 30 }),
        ...(Array.isArray(body.answers) ? { answers: body.answers.map(answerOf) } : {}),
      }),
    ),
  "POST /move": ({ body }) => told(world, () => world.move(found(world, body), instant(body))),
  "POST /cancel": ({ body }) => told(world, () => world.cancel(found(world, body))),
  "POST /no-show": ({ body }) => told(world, () => world.cancel(found(world, body), { isNoShow: true })),
  "POST /reinstate": ({ body }) => told(world, () => world.reinstate(found(world, body))),
  "POST /change": ({ body }) =>
    told(world, () =>
      world.change(found(world, body), {
        ...given(body, ["firstName", "lastName", "email", "phone", "timeZone", "location", "notes"]),
        ...(typeof body.isPaid === "boolean" ? { isPaid: body.isPaid } : {}),
      }),
    ),
  /** From now on it is printed in a way that nobody understands, and nobody is told. */
  "POST /garble": ({ body }) => shown(Object.assign(found(world, body), { isGarbled: true })),
  "POST /remove": ({ body }) => {
    world.remove(found(world, body));
    return {};
  },
  /** The next changes are refused with these codes. */
  "POST /refuse": ({ body }) => {
    world.refusals.push(text(body, "code"));
    return world.refusals;
  },
  /** `mode` on, off (lost) or hold; `times` for doubles; `hasPrefix` for `appointment.` before the action. */
  "POST /deliver": ({ body }) => {
    const { webhooks } = world;
    if (body.mode !== undefined) webhooks.mode = modeOf(text(body, "mode"));
    webhooks.times = positive(body, "times") ?? webhooks.times;
    if (typeof body.hasPrefix === "boolean") webhooks.hasPrefix = body.hasPrefix;
    return { mode: webhooks.mode, times: webhooks.times, hasPrefix: webhooks.hasPrefix };
  },
  "POST /release": async ({ body }) => {
    const order = Array.isArray(body.order) ? body.order.map(Number) : undefined;
    await world.webhooks.release(order);
    return world.webhooks.sent;
  },
  "POST /retry": async () => {
    await world.webhooks.retry();
    return world.webhooks.sent;
  },
  "POST /replay": async ({ body }) => {
    const sent = await world.webhooks.replay(positive(body, "delivery") ?? 0);
    if (!sent) throw new BadCall("There is no such delivery.");
    return sent;
  },
  "POST /forge": ({ body }) =>
    world.webhooks.forge(text(body, "target"), positive(body, "id") ?? 0, given(body, ["key", "signature"])),
  "GET /deliveries": async () => {
    await world.webhooks.settled();
    return { sent: world.webhooks.sent, held: world.webhooks.held.length, failed: world.webhooks.failed.length };
  },
  "GET /webhooks": () => world.webhooks.subscriptions.map(({ key: _secret, ...rest }) => rest),
  /** What Acuity does after days of failure (`id` of a webhook), or somebody by mistake (all of them). */
  "POST /disable": ({ body }) => {
    for (const each of world.webhooks.subscriptions) {
      if (body.id === undefined || each.id === body.id) each.status = "disabled";
    }
    return world.webhooks.subscriptions.length;
  },
  "POST /unsubscribe": () => {
    const count = world.webhooks.subscriptions.length;
    world.webhooks.subscriptions = [];
    return { count };
  },
  "POST /revoke": ({ body }) => ({ count: world.oauth.revokeAll(optional(body, "account")) }),
});

async function told(world: AcuityWorld, change: () => Appointment) {
  try {
    const appointment = change();
    await world.webhooks.settled();
    return shown(appointment);
  } catch (problem) {
    throw problem instanceof Refusal ? new BadCall(`${problem.code}: ${problem.message}`) : problem;
  }
}

const shown = (appointment: Appointment) => ({
  ...appointment,
  id: String(appointment.id),
  page: `/schedule/${appointment.accountId}/appointment/${appointment.hash}`,
  datetime: compactInstant(appointment.startsAt, "UTC"),
});

function accountOf(body: Body): Account {
  const asked = body.account ?? ACUITY_ACCOUNTS[0]?.id;
  const account = ACUITY_ACCOUNTS.find(({ id }) => id === String(asked));
  if (!account) throw new BadCall(`There is no account ${String(asked)}.`);
  return account;
}

function found(world: AcuityWorld, body: Body): Appointment {
  const appointment = world.find(Number(body.id));
  if (!appointment) throw new BadCall("There is no such appointment.");
  return appointment;
}

function instant(body: Body): Date {
  const at = new Date(text(body, "at"));
  if (Number.isNaN(at.getTime())) throw new BadCall("at must be an ISO date-time.");
  return at;
}

const given = <N extends string>(body: Body, names: readonly N[]): Partial<Record<N, string>> =>
  Object.fromEntries(names.flatMap((name) => (body[name] === undefined ? [] : [[name, text(body, name)]]))) as Partial<
    Record<N, string>
  >;

function answerOf(value: unknown): { name: string; value: string } {
  const { name, value: said } = (value ?? {}) as Record<string, unknown>;
  return { name: String(name ?? ""), value: String(said ?? "") };
}

function modeOf(mode: string): DeliveryMode {
  if (mode === "on" || mode === "off" || mode === "hold") return mode;
  throw new BadCall("mode must be on, off or hold.");
}
