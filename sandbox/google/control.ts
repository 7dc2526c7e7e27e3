import { BadCall, type Body, type ControlActions, text } from "../control/actions";
import { Refused } from "./event";
import { shown } from "./listing";
import type { GoogleWorld } from "./world";

/** What can be turned at this stand-in, as `METHOD path` below `/control/google/`. */
export const googleActions = (world: GoogleWorld): ControlActions => ({
  "GET /events": ({ url }) =>
    [...world.calendar(url.searchParams.get("calendarId") ?? undefined).events.values()].map(shown),
  "GET /mails": () => world.mails,
  /** Somebody adds an event of their own: the body is an event. */
  "POST /add": ({ body }) => named(() => shown(world.insert(calendarOf(world, body), fieldsOf(body)))),
  /** Somebody moves or edits an event, ours or their own: the body is a patch. */
  "POST /edit": ({ body }) =>
    named(() => shown(world.patch(calendarOf(world, body), text(body, "eventId"), fieldsOf(body)))),
  "POST /delete": ({ body }) =>
    named(() => {
      world.remove(calendarOf(world, body), text(body, "eventId"));
      return { isDeleted: true };
    }),
  "POST /expire-sync-tokens": () => ({ generation: ++world.generation }),
  "POST /expire-channels": () => ({ channels: world.channels.expireAll() }),
  "POST /lose-notifications": ({ body }) => {
    world.channels.isDeaf = body.on !== false;
    return { isDeaf: world.channels.isDeaf };
  },
  "POST /usage-limit": ({ body }) => {
    world.isUsageLimited = body.on !== false;
    return { isUsageLimited: world.isUsageLimited };
  },
  "POST /revoke": () => ({ grants: world.oauth.revokeAll() }),
  "POST /expire-tokens": () => ({ tokens: world.oauth.expireTokens() }),
});

const calendarOf = (world: GoogleWorld, { calendarId }: Body) =>
  world.calendar(typeof calendarId === "string" ? calendarId : undefined);

const fieldsOf = ({ calendarId: _where, eventId: _which, ...fields }: Body): Body => fields;

function named<T>(act: () => T): T {
  try {
    return act();
  } catch (problem) {
    throw problem instanceof Refused ? new BadCall(problem.message) : problem;
  }
}
