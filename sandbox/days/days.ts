import type { Day, Service, Stage, Step } from "./day";
import { HAPPENINGS } from "./happenings";

/** Everything is over, also what lasted all day. */
const EVENING = 300;
const SERVICES: readonly Service[] = ["acuity", "google", "zoom", "zoho"];
const LABELS: Record<Service, string> = {
  acuity: "Acuity",
  google: "Google Calendar",
  zoom: "Zoom",
  zoho: "Zoho CRM",
};

const step = (minute: number, what: string, act: (stage: Stage) => unknown): Step => ({
  minute,
  what,
  do: async (stage) => {
    await act(stage);
  },
});

/** The same things happen in every day; these are what goes wrong beside them. */
const dayWith = (name: string, description: string, troubles: readonly Step[]): Day => ({
  name,
  description,
  steps: [...HAPPENINGS, ...troubles].toSorted((a, b) => a.minute - b.minute),
});

/** What Acuity held goes out, the last first. */
const releaseAcuity = ({ worlds: { acuity } }: Stage): Promise<void> =>
  acuity.webhooks.release([...acuity.webhooks.held.keys()].reverse());

const shuffled = dayWith("shuffled", "Webhooks come doubled, and the last one first.", [
  step(20, "From now on webhooks come twice, and those of Acuity are held up", ({ worlds: { acuity, zoom } }) => {
    acuity.webhooks.mode = "hold";
    acuity.webhooks.times = 2;
    zoom.webhooks.twice(1000);
  }),
  step(97, "What Acuity held up comes, the last first", releaseAcuity),
  step(185, "Webhooks of Zoom are held up", ({ worlds: { zoom } }) => zoom.webhooks.hold()),
  step(189, "What Zoom held up comes, the last first", ({ worlds: { zoom } }) => zoom.webhooks.release()),
  step(EVENING, "The rest comes, and everything is as usual again", async (stage) => {
    const { acuity, zoom } = stage.worlds;
    await releaseAcuity(stage);
    acuity.webhooks.mode = "on";
    acuity.webhooks.times = 1;
    zoom.webhooks.twice(0);
  }),
]);

const tellNobody = ({ worlds: { acuity, google, zoom } }: Stage, isLost: boolean): void => {
  acuity.webhooks.mode = isLost ? "off" : "on";
  google.channels.isDeaf = isLost;
  zoom.webhooks.lose(isLost ? 1_000_000 : 0);
};

const unheard = dayWith("unheard", "Every webhook is lost.", [
  step(20, "From now on every webhook is lost", (stage) => tellNobody(stage, true)),
  step(EVENING, "Webhooks arrive again", (stage) => tellNobody(stage, false)),
]);

/** Sync tokens end too, and pages are small: so a reading has a middle. Acuity's tokens have no end. */
const endTokens = ({ worlds: { google, zoom, zoho } }: Stage): void => {
  google.pageSize = 2;
  google.generation += 1;
  for (const { oauth } of [google, zoom, zoho]) oauth.grants.expireAfter(2);
};

const expired = dayWith("expired", "Tokens end in the middle of a reading, three times.", [
  ...[20, 96, 184].map((minute) => step(minute, "Each service's tokens end two requests from now", endTokens)),
  step(EVENING, "Pages are as long as usual again", ({ worlds: { google } }) => {
    google.pageSize = 250;
  }),
]);

const spent = dayWith("spent", "What may be asked is used up everywhere.", [
  step(
    20,
    "Nothing may be written or asked any more at Google, Zoom and Zoho",
    ({ worlds: { google, zoom, zoho } }) => {
      google.isUsageLimited = true;
      zoom.isDailyLimitMet = true;
      const { credits } = zoho.org();
      credits.used = credits.limit;
    },
  ),
  step(65, "Acuity answers 429", ({ faults }) => faults.acuity.add({ kind: "throttle" })),
  step(125, "Acuity answers again", ({ faults }) => faults.acuity.clear()),
  step(EVENING, "A new day for all the others", ({ worlds: { google, zoom, zoho } }) => {
    google.isUsageLimited = false;
    zoom.isDailyLimitMet = false;
    zoho.org().credits.used = 0;
  }),
]);

const revoked = SERVICES.map((service) =>
  dayWith(`revoked-${service}`, `Somebody takes our access to ${LABELS[service]} back, and later gives it again.`, [
    step(20, `Our access to ${LABELS[service]} is taken back`, ({ worlds }) => worlds[service].oauth.revokeAll()),
    {
      minute: 140,
      what: `Connect ${LABELS[service]} again, in the settings of the firm`,
      reconnects: service,
      do: () => undefined,
    },
  ]),
);

/** An hour in which there is something to do for each. */
const AWAY: Record<Service, number> = { acuity: 35, google: 61, zoom: 35, zoho: 75 };

const away = SERVICES.map((service) =>
  dayWith(`away-${service}`, `${LABELS[service]} does not answer for an hour.`, [
    step(AWAY[service], `${LABELS[service]} answers 503 from now on`, ({ faults }) =>
      faults[service].add({ kind: "unavailable" }),
    ),
    step(AWAY[service] + 60, `${LABELS[service]} answers again`, ({ faults }) => faults[service].clear()),
  ]),
);

/** Days over the four connected services that a test or a person plays step by step. */
export const DAYS: readonly Day[] = [
  dayWith("calm", "Everything works.", []),
  shuffled,
  unheard,
  expired,
  spent,
  ...revoked,
  ...away,
];
