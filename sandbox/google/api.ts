import { type Exchange, readBody, reply, replyJson } from "../http/exchange";
import { Refused } from "./event";
import { listEvents, shown } from "./listing";
import type { GoogleWorld } from "./world";

type Call = { world: GoogleWorld; account: string; exchange: Exchange; parts: string[]; body: Record<string, unknown> };
type Answer = { status?: number; body?: unknown };

/** The Calendar API below `/calendar/v3/`, for an account whose token was shown. */
export async function answerApi(world: GoogleWorld, account: string, exchange: Exchange): Promise<void> {
  const { req, res, path } = exchange;
  const parts = path.replace("/calendar/v3/", "").split("/").map(decodeURIComponent);
  const body = req.method === "GET" || req.method === "DELETE" ? {} : readJson(await readBody(req));
  const answer = ROUTES[`${req.method} ${shapeOf(parts)}`];
  if (!answer) throw new Refused(404, "notFound", "Not Found");
  const { status = 200, body: said } = answer({ world, account, exchange, parts, body });
  if (said === undefined) reply(res, status, {}, "");
  else replyJson(res, status, said);
}

/** What a path asks for. */
function shapeOf(parts: string[]): string {
  const [first, , third, fourth] = parts;
  if (first === "calendars" && third === "events")
    return parts.length === 3 ? "events" : fourth === "watch" ? "watch" : parts.length === 4 ? "event" : "";
  return parts.join("/");
}

function readJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Refused below like any other text.
  }
  throw new Refused(400, "parseError", "Parse Error");
}

const calendarOf = ({ world, account, parts }: Call) => world.calendarOf(account, parts[1] ?? "");
const idOf = ({ parts }: Call) => parts[3] ?? "";
const sendUpdatesOf = ({ exchange }: Call) => exchange.url.searchParams.get("sendUpdates") ?? undefined;
const ifMatchOf = ({ exchange }: Call) => exchange.req.headers["if-match"];
const sentOf = (call: Call) => ({ ifMatch: ifMatchOf(call), sendUpdates: sendUpdatesOf(call) });

function requireRoom({ world }: Call): void {
  if (world.isUsageLimited) throw new Refused(403, "quotaExceeded", "Calendar usage limits exceeded.");
}

const ROUTES: Record<string, (call: Call) => Answer> = {
  "GET users/me/calendarList": ({ world, account }) => ({
    body: { kind: "calendar#calendarList", items: [...world.calendars.values()].filter(isOf(account)).map(entry) },
  }),
  "GET users/me/calendarList/primary": ({ world, account }) => ({ body: entry(world.calendarOf(account, "primary")) }),
  "GET events": (call) => ({ body: listEvents(call.world, calendarOf(call), call.exchange.url.searchParams) }),
  "POST events": (call) => {
    requireRoom(call);
    return { body: shown(call.world.insert(calendarOf(call), call.body, sendUpdatesOf(call))) };
  },
  "POST watch": (call) => {
    const calendar = calendarOf(call);
    const base = `http://${call.exchange.req.headers.host ?? "127.0.0.1"}${call.exchange.base}/calendar/v3`;
    return { body: call.world.channels.watch(call.account, calendar.id, call.body, base) };
  },
  "GET event": (call) => ({ body: shown(call.world.find(calendarOf(call), idOf(call))) }),
  "PATCH event": (call) => {
    requireRoom(call);
    const calendar = calendarOf(call);
    const { organizer } = call.world.find(calendar, idOf(call));
    if (organizer && organizer.self === false && call.body.attendees === undefined)
      throw new Refused(
        403,
        "forbiddenForNonOrganizer",
        "Shared properties can only be changed by the organizer of the event.",
      );
    return { body: shown(call.world.patch(calendar, idOf(call), call.body, sentOf(call))) };
  },
  "DELETE event": (call) => {
    call.world.remove(calendarOf(call), idOf(call), sentOf(call));
    return { status: 204 };
  },
  "POST channels/stop": ({ world, account, body }) => {
    world.channels.stop(account, body);
    return { status: 204 };
  },
};

const isOf =
  (account: string) =>
  ({ owner }: { owner: string }) =>
    owner === account;

const entry = ({ id, name, timeZone, owner }: { id: string; name: string; timeZone: string; owner: string }) => ({
  kind: "calendar#calendarListEntry",
  id,
  summary: name,
  timeZone,
  accessRole: "owner",
  ...(id === owner ? { primary: true } : {}),
});
