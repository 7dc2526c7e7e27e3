import { BadCall, type ControlActions, optional, positive, text } from "../control/actions";
import { shown } from "./meeting";
import type { ZoomWorld } from "./world";

/** What a person at the stand-in cannot do in the meeting's present state is a call that was wrong. */
async function tried<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (problem) {
    throw new BadCall(problem instanceof Error ? problem.message : "That cannot be done.");
  }
}

/** What can be turned at this stand-in, as `METHOD path` below `/control/zoom/`. */
export const zoomActions = (world: ZoomWorld): ControlActions => ({
  "GET /meetings": () =>
    [...world.meetings.values()].map((meeting) => ({
      ...shown(meeting, ""),
      account_id: meeting.accountId,
      occurrences: meeting.occurrences,
    })),
  "POST /start": async ({ body }) => {
    await tried(() => world.start(text(body, "meetingId")));
    return {};
  },
  "POST /join": async ({ body }) => ({
    userId: await tried(() =>
      world.join(text(body, "meetingId"), {
        name: text(body, "name"),
        email: optional(body, "email"),
        registrantId: optional(body, "registrantId"),
        isHost: body.isHost === true,
        isWaiting: body.isWaiting === true,
      }),
    ),
  }),
  "POST /leave": async ({ body }) => {
    await tried(() => world.leave(text(body, "meetingId"), text(body, "userId")));
    return {};
  },
  "POST /end": async ({ body }) => {
    await tried(() => world.end(text(body, "meetingId")));
    return {};
  },
  "POST /remove": async ({ body }) => {
    await tried(() => world.remove(text(body, "meetingId")));
    return {};
  },
  "POST /deauthorize": async ({ body }) => {
    await world.deauthorize(text(body, "accountId"));
    return {};
  },
  "POST /report": ({ body }) => {
    world.reportLagMs = (positive(body, "lagSeconds") ?? 0) * 1000;
    return { lagSeconds: world.reportLagMs / 1000 };
  },
  "POST /daily": ({ body }) => {
    world.isDailyLimitMet = body.isMet === true;
    return { isMet: world.isDailyLimitMet };
  },
  "POST /lose-answer": () => {
    world.losesNextAnswer = true;
    return {};
  },
  "POST /tokens": ({ body }) => {
    if (body.revoke === true) return { revoked: world.oauth.revokeAll(optional(body, "accountId")) };
    return { expired: world.oauth.expireTokens() };
  },
  "GET /webhooks": () => ({ subscriptions: world.webhooks.subscriptions.length, sent: world.webhooks.sent }),
  "POST /webhooks": async ({ body }) => {
    const { webhooks } = world;
    if (body.url !== undefined) {
      const subscription = { url: text(body, "url"), secret: text(body, "secret") };
      await tried(() => webhooks.subscribe({ ...subscription, accountId: optional(body, "accountId") ?? null }));
    }
    if (body.lose !== undefined) webhooks.lose(positive(body, "lose") ?? 0);
    if (body.twice !== undefined) webhooks.twice(positive(body, "twice") ?? 0);
    if (body.hold === true) webhooks.hold();
    return { released: body.hold === false ? await webhooks.release() : 0 };
  },
  "POST /again": async ({ body }) => ({ isSent: await world.webhooks.again(text(body, "event")) }),
  "POST /challenge": ({ body }) => world.webhooks.challenge(text(body, "url"), text(body, "plainToken"), world.now()),
});
