import { randomBytes } from "node:crypto";
import { type Exchange, readBody, reply, replyJson } from "../http/exchange";
import type { Grant } from "../oauth/grants";
import { type Meeting, type MeetingInput, reported, second, shown } from "./meeting";
import { ZOOM_ACCOUNTS, type ZoomWorld } from "./world";

type Asked = {
  exchange: Exchange;
  world: ZoomWorld;
  grant: Grant;
  origin: string;
  params: string[];
  isServer: boolean;
};
type Route = {
  method: string;
  path: RegExp;
  label: "Light" | "Medium";
  scope: string;
  answer: (asked: Asked) => Promise<void>;
};

const PAGE_TOKEN_MS = 15 * 60_000;

/** What the API answers, by method and path below `/v2`. A segment of a path is matched as it came, still encoded. */
const ROUTES: readonly Route[] = [
  { method: "GET", path: /^\/users\/([^/]+)$/, label: "Light", scope: "user:read:user:admin", answer: showUser },
  {
    method: "POST",
    path: /^\/users\/([^/]+)\/meetings$/,
    label: "Medium",
    scope: "meeting:write:meeting:admin",
    answer: makeMeeting,
  },
  {
    method: "GET",
    path: /^\/users\/([^/]+)\/meetings$/,
    label: "Medium",
    scope: "meeting:read:list_meetings:admin",
    answer: listMeetings,
  },
  {
    method: "GET",
    path: /^\/meetings\/([^/]+)$/,
    label: "Light",
    scope: "meeting:read:meeting:admin",
    answer: showMeeting,
  },
  {
    method: "PATCH",
    path: /^\/meetings\/([^/]+)$/,
    label: "Light",
    scope: "meeting:update:meeting:admin",
    answer: changeMeeting,
  },
  {
    method: "DELETE",
    path: /^\/meetings\/([^/]+)$/,
    label: "Light",
    scope: "meeting:delete:meeting:admin",
    answer: removeMeeting,
  },
  {
    method: "GET",
    path: /^\/past_meetings\/([^/]+)\/instances$/,
    label: "Medium",
    scope: "meeting:read:list_past_instances:admin",
    answer: listInstances,
  },
  {
    method: "GET",
    path: /^\/past_meetings\/([^/]+)\/participants$/,
    label: "Medium",
    scope: "meeting:read:list_past_participants:admin",
    answer: listParticipants,
  },
];

/** Answers a call of the API; `origin` is where this stand-in is reached. */
export async function answerApi(
  exchange: Exchange,
  world: ZoomWorld,
  passes: () => boolean,
  origin: string,
): Promise<void> {
  const { req, res } = exchange;
  const path = exchange.path.replace(/^\/v2/, "");
  const grant = world.oauth.grantOf(req.headers.authorization);
  if (!grant) return refuse(exchange, 401, 124, "Invalid access token.");
  const route = ROUTES.find((each) => each.method === req.method && each.path.test(path));
  if (!route) return refuse(exchange, 404, 2300, "This API endpoint is not recognized.");
  const asked = world.count();
  const limit = { "X-RateLimit-Category": route.label, "X-RateLimit-Limit": route.label === "Light" ? "30" : "20" };
  if (world.isDailyLimitMet) {
    const midnight = new Date(Math.ceil((world.now().getTime() + 1) / 86_400_000) * 86_400_000);
    return refuse(exchange, 429, 429, "You have reached the maximum daily rate limit for this API.", {
      ...limit,
      "X-RateLimit-Type": "Daily-limit",
      "X-RateLimit-Remaining": "0",
      "Retry-After": second(midnight),
    });
  }
  if (!passes()) {
    return refuse(exchange, 429, 429, "You have reached the maximum per-second rate limit for this API.", {
      ...limit,
      "X-RateLimit-Type": "QPS",
      "X-RateLimit-Remaining": "0",
      "X-RateLimit-Reset": "1",
    });
  }
  for (const [name, value] of Object.entries({
    ...limit,
    "X-RateLimit-Type": "QPS",
    "X-RateLimit-Remaining": String(29 - (asked % 20)),
  }))
    res.setHeader(name, value);
  if (!grant.scopes.includes(route.scope))
    return refuse(exchange, 400, 4711, `Invalid access token, does not contain scopes:[${route.scope}].`);
  const params = [...(route.path.exec(path) ?? [])].slice(1);
  const isServer = grant.clientId !== world.oauth.options.clientId;
  await route.answer({ exchange, world, grant, origin, params, isServer });
}

export function refuse(
  { res }: Exchange,
  status: number,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  replyJson(res, status, { code, message }, headers);
}

/** The host of the path in this account. With a server's token there is no `me`. */
function hostOf({ exchange, grant, params, isServer }: Asked): (typeof ZOOM_ACCOUNTS)[number] | null {
  const name = decodeURIComponent(params[0] ?? "");
  const own = ZOOM_ACCOUNTS.find(({ id }) => id === grant.accountId);
  if (own && ((name === "me" && !isServer) || name === own.userId || name === own.email)) return own;
  const isElsewhere = ZOOM_ACCOUNTS.some(({ userId, email }) => name === userId || name === email);
  if (isElsewhere) refuse(exchange, 404, 1010, `User does not belong to this account: ${grant.accountId}.`);
  else refuse(exchange, 404, 1001, `User does not exist: ${name}.`);
  return null;
}

function meetingOf({ exchange, world, grant, params }: Asked): Meeting | null {
  const id = decodeURIComponent(params[0] ?? "");
  if (!/^\d{9,12}$/.test(id)) {
    refuse(exchange, 400, 300, "Invalid meeting id.");
    return null;
  }
  const meeting = world.meetings.get(id);
  if (meeting && meeting.accountId === grant.accountId) return meeting;
  refuse(exchange, 404, 3001, `Meeting does not exist: ${id}.`);
  return null;
}

async function showUser(asked: Asked): Promise<void> {
  const host = hostOf(asked);
  if (!host) return;
  const { userId, email, id } = host;
  replyJson(asked.exchange.res, 200, {
    id: userId,
    email,
    account_id: id,
    first_name: "Dana",
    type: 2,
    status: "active",
  });
}

async function inputOf({ exchange }: Asked): Promise<MeetingInput | null> {
  try {
    const body: unknown = JSON.parse(await readBody(exchange.req));
    if (typeof body !== "object" || body === null || Array.isArray(body)) throw new Error("no object");
    const input = body as MeetingInput;
    const isTimeRight = input.start_time === undefined || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(input.start_time);
    if (isTimeRight && (input.agenda ?? "").length <= 2000 && (input.topic ?? "").length <= 200) return input;
  } catch {
    // The same words as for a field that is wrong.
  }
  refuse(exchange, 400, 300, "Validation Failed.");
  return null;
}

const TOO_MANY =
  "You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this particular user.";

async function makeMeeting(asked: Asked): Promise<void> {
  const { exchange, world, grant, origin } = asked;
  const host = hostOf(asked);
  const input = host && (await inputOf(asked));
  if (!host || !input) return;
  if (!world.mayWrite(host.userId)) return refuse(exchange, 429, 429, TOO_MANY);
  const meeting = world.make(grant.accountId, host.userId, input);
  if (world.losesNextAnswer) {
    world.losesNextAnswer = false;
    exchange.req.socket.resetAndDestroy();
    return;
  }
  // Whoever has it is the host: no reader of ours may take it.
  const start_url = `${origin}/s/${meeting.id}?zak=HOST-CREDENTIAL`;
  replyJson(exchange.res, 201, { ...shown(meeting, origin), start_url, password: "sandbox" });
}

async function listMeetings(asked: Asked): Promise<void> {
  const { exchange, world, grant, origin } = asked;
  const host = hostOf(asked);
  if (!host) return;
  const now = world.now().getTime();
  const all = [...world.meetings.values()].filter(
    (meeting) =>
      meeting.accountId === grant.accountId &&
      meeting.hostId === host.userId &&
      Date.parse(meeting.start_time) + meeting.duration * 60_000 > now,
  );
  const page = pageOf(asked, all);
  if (!page) return;
  const meetings = page.items.map((meeting) => {
    const { settings: _left, status: _out, ...row } = shown(meeting, origin);
    return { ...row, agenda: meeting.agenda.slice(0, 250) };
  });
  replyJson(exchange.res, 200, { ...page.facts, meetings });
}

async function showMeeting(asked: Asked): Promise<void> {
  const meeting = meetingOf(asked);
  if (!meeting) return;
  const start_url = `${asked.origin}/s/${meeting.id}?zak=HOST-CREDENTIAL`;
  replyJson(asked.exchange.res, 200, { ...shown(meeting, asked.origin), start_url });
}

async function changeMeeting(asked: Asked): Promise<void> {
  const meeting = meetingOf(asked);
  const input = meeting && (await inputOf(asked));
  if (!meeting || !input) return;
  if (!asked.world.mayWrite(meeting.hostId)) return refuse(asked.exchange, 429, 429, TOO_MANY);
  const { settings, ...rest } = input;
  Object.assign(meeting, rest, { settings: { ...meeting.settings, ...settings } });
  reply(asked.exchange.res, 204, {}, "");
}

async function removeMeeting(asked: Asked): Promise<void> {
  const meeting = meetingOf(asked);
  if (!meeting) return;
  asked.world.meetings.delete(meeting.id);
  reply(asked.exchange.res, 204, {}, "");
}

async function listInstances(asked: Asked): Promise<void> {
  const meeting = meetingOf(asked);
  if (!meeting) return;
  const over = meeting.occurrences.filter(({ endedAt }) => endedAt !== null);
  replyJson(asked.exchange.res, 200, {
    meetings: over.map(({ uuid, startedAt }) => ({ uuid, start_time: second(startedAt) })),
  });
}

async function listParticipants(asked: Asked): Promise<void> {
  const { exchange, world, grant, params } = asked;
  // A UUID with a slash comes encoded twice: decoded once, such a one would be read as several segments.
  const once = decodeURIComponent(params[0] ?? "");
  const isDoubled = /^%2F|%2F%2F/i.test(once);
  const uuid = isDoubled ? decodeURIComponent(once) : once;
  const mine = [...world.meetings.values()].filter(({ accountId }) => accountId === grant.accountId);
  const found = mine.flatMap(({ occurrences }) => occurrences).find((each) => each.uuid === uuid);
  const isReady = found?.endedAt && found.endedAt.getTime() + world.reportLagMs <= world.now().getTime();
  const isReadable = isDoubled || !/^\/|\/\//.test(uuid);
  if (!found || !isReady || !isReadable) return refuse(exchange, 404, 3001, `Meeting does not exist: ${uuid}.`);
  // Zoom says nothing about a meeting that only one person came to.
  const people = new Set(found.stays.map(({ email, name }) => email || name));
  const page = pageOf(asked, people.size < 2 ? [] : found.stays);
  if (page) replyJson(exchange.res, 200, { ...page.facts, participants: page.items.map(reported) });
}

function pageOf<T>(
  { exchange, world }: Asked,
  all: readonly T[],
): { items: T[]; facts: Record<string, unknown> } | null {
  const { searchParams } = exchange.url;
  const size = Math.min(300, Number(searchParams.get("page_size") ?? 30) || 30);
  const token = searchParams.get("next_page_token") ?? "";
  const known = token === "" ? { from: 0, endsAt: Number.POSITIVE_INFINITY } : world.pageTokens.get(token);
  if (!known || known.endsAt <= world.now().getTime()) {
    refuse(exchange, 400, 300, "The next page token is invalid or expired.");
    return null;
  }
  const items = all.slice(known.from, known.from + size);
  const from = known.from + size;
  const next = from < all.length ? randomBytes(12).toString("base64url") : "";
  if (next) world.pageTokens.set(next, { from, endsAt: world.now().getTime() + PAGE_TOKEN_MS });
  const facts = {
    page_count: Math.ceil(all.length / size),
    page_size: size,
    total_records: all.length,
    next_page_token: next,
  };
  return { items, facts };
}
