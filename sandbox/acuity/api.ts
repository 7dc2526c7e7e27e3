import { fromWallTime, type WallTime } from "@/lib/core/local-time";
import { type Exchange, readBody, reply, replyJson } from "../http/exchange";
import { type Appointment, printed } from "./appointment";
import { MAX_SUBSCRIPTIONS, type Subscription } from "./webhooks";
import { ACUITY_ACCOUNTS, type Account, type AcuityWorld, Refusal } from "./world";

/** Who asks, and with which key what they subscribe to is signed. */
type Caller = { account: Account; signingKey: string };

const EVENTS = ["scheduled", "rescheduled", "canceled", "changed"].map((name) => `appointment.${name}`);

/** One request to `/api/v1`. */
export async function answerApi(exchange: Exchange, world: AcuityWorld, path: string): Promise<void> {
  try {
    const caller = callerOf(exchange, world);
    if (!caller) throw new Refusal(401, "unauthorized", "Unauthorized");
    await route(exchange, world, caller, path);
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    replyJson(exchange.res, problem.status, refusalBody(problem.status, problem.code, problem.message));
  }
}

/** The one shape of everything that goes wrong. */
export const refusalBody = (status: number, error: string, message: string) => ({
  status_code: status,
  message,
  error,
});

/** An app's token, or the numeric user id and the API key of an account. */
function callerOf({ req }: Exchange, world: AcuityWorld): Caller | null {
  const { authorization } = req.headers;
  const grant = world.oauth.grantOf(authorization);
  const byToken = ACUITY_ACCOUNTS.find(({ id }) => id === grant?.accountId);
  if (byToken) return { account: byToken, signingKey: world.oauth.options.clientSecret };
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/.exec(authorization ?? "")?.[1] ?? "";
  const pair = Buffer.from(encoded, "base64").toString("utf8");
  const byKey = ACUITY_ACCOUNTS.find(({ id, apiKey }) => pair === `${id}:${apiKey}`);
  return byKey ? { account: byKey, signingKey: byKey.apiKey } : null;
}

async function route(exchange: Exchange, world: AcuityWorld, caller: Caller, path: string): Promise<void> {
  const { req, res, url } = exchange;
  const { account } = caller;
  const method = req.method ?? "GET";
  const [, kind = "", id, verb] = /^\/(\w+)(?:\/(\d+))?(?:\/(\w+))?$/.exec(path) ?? [];
  const show = (appointment: Appointment) =>
    printed(appointment, account.timeZone, confirmationOf(exchange, appointment));
  switch (`${method} ${kind}${id ? "/id" : ""}${verb ? `/${verb}` : ""}`) {
    case "GET me":
      return replyJson(res, 200, meOf(account));
    case "GET appointments":
      return replyJson(res, 200, listed(world, account, url.searchParams).map(show));
    case "GET appointments/id":
      return replyJson(res, 200, show(world.require(Number(id), account)));
    case "PUT appointments/id/cancel": {
      const body = await readJson(exchange);
      const found = world.require(Number(id), account);
      const canceled = world.cancel(found, { isNoShow: body.noShow === true, note: String(body.cancelNote ?? "") });
      return replyJson(res, 200, show(canceled));
    }
    case "PUT appointments/id/reschedule": {
      const body = await readJson(exchange);
      if (typeof body.datetime !== "string") throw new Refusal(400, "required_datetime", "The datetime is required.");
      const startsAt = strtotime(body.datetime, account.timeZone);
      if (!startsAt) throw new Refusal(400, "invalid_datetime", "The datetime is not valid.");
      return replyJson(res, 200, show(world.move(world.require(Number(id), account), startsAt)));
    }
    case "GET webhooks":
      return replyJson(
        res,
        200,
        world.webhooks.subscriptions.filter((each) => each.accountId === account.id).map(shownHook),
      );
    case "POST webhooks":
      return replyJson(res, 200, shownHook(subscribe(world, caller, await readJson(exchange))));
    case "DELETE webhooks/id": {
      const { subscriptions } = world.webhooks;
      const index = subscriptions.findIndex((each) => each.id === Number(id) && each.accountId === account.id);
      if (index < 0) throw new Refusal(404, "not_found", "The webhook was not found.");
      subscriptions.splice(index, 1);
      return reply(res, 204, {}, "");
    }
    default:
      throw new Refusal(404, "not_found", "The requested resource was not found.");
  }
}

const meOf = ({ id, label, email, timeZone }: Account) => ({
  id: Number(id),
  email,
  name: label,
  timezone: timeZone,
  firstDayOfWeek: 0,
  timeFormat: "g:ia",
  currency: "USD",
});

const shownHook = ({ id, event, target, status }: Subscription) => ({ id, event, target, status });

function confirmationOf({ req, base }: Exchange, { accountId, hash }: Appointment): string {
  return `http://${req.headers.host ?? "127.0.0.1"}${base}/schedule/${accountId}/appointment/${hash}`;
}

/** There is no cursor: `max` rows of a window, and nothing that says that there are more. */
function listed(world: AcuityWorld, account: Account, query: URLSearchParams): Appointment[] {
  const rows = world
    .list(account, { minDate: query.get("minDate"), maxDate: query.get("maxDate") })
    .filter(({ isCanceled }) => query.get("showall") === "true" || isCanceled === (query.get("canceled") === "true"));
  // As at the real one, the latest come first unless asked otherwise.
  const ordered = query.get("direction") === "ASC" ? rows : rows.toReversed();
  return ordered.slice(0, Number(query.get("max") ?? 100) || 100);
}

function subscribe(world: AcuityWorld, { account, signingKey }: Caller, body: Record<string, unknown>): Subscription {
  const { event, target } = body;
  if (typeof event !== "string" || !EVENTS.includes(event)) throw new Refusal(400, "invalid_event", "Unknown event.");
  if (typeof target !== "string" || !URL.canParse(target)) throw new Refusal(400, "invalid_target", "Unknown target.");
  const made = world.webhooks.subscribe(account.id, event, target, signingKey);
  if (!made) throw new Refusal(400, "too_many_webhooks", `At most ${MAX_SUBSCRIPTIONS} webhooks.`);
  return made;
}

async function readJson({ req }: Exchange): Promise<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse((await readBody(req)) || "{}");
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // The same words as for a body of another shape.
  }
  throw new Refusal(400, "bad_request", "Expected a JSON object.");
}

/** As PHP reads it: what has no offset is a time on the clocks of the account. */
function strtotime(text: string, zone: string): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:?\d{2})?$/.exec(text);
  if (!match) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const wall: WallTime = { year, month, day, hour, minute, second };
  if (!match[7]) return fromWallTime(wall, zone);
  const [, sign = "+", hours = "0", minutes = "0"] = /([+-])(\d{2}):?(\d{2})/.exec(match[7]) ?? [];
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second) - offsetMs);
}
