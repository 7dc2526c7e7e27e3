import { rows, type Service, sandbox, stage } from "./day-world";

type Event = { type: string; data: Record<string, string> };

/** Everything that stands anywhere after a day, without what differs from firm to firm: ids, links, times of writing. */
export type Outcome = Awaited<ReturnType<typeof outcomeOf>>;

export async function outcomeOf() {
  const { acuity, google, zoom, zoho } = stage;
  return {
    consultations: await rows(
      `SELECT l.name, l.status, c.state, c.starts_at, c.ends_at, c.join_url_from, c.attendance, c.attendance_from, c.attended_seconds,
         c.notes_cipher IS NOT NULL AS has_notes, (SELECT count(*)::int FROM contact_point p WHERE p.lead_id = l.id) AS contacts,
         (SELECT json_agg(json_build_array(i.is_host, i.joined_at, i.left_at) ORDER BY i.joined_at, i.is_host) FROM attendance_interval i
           WHERE i.consultation_id = c.id) AS stays
       FROM consultation c JOIN lead l ON l.id = c.lead_id ORDER BY l.name`,
    ),
    leads: (await rows("SELECT 1 FROM lead")).length,
    links: await rows(
      `SELECT l.name, s.kind, s.state, s.problem, s.details->'movedTo' AS moved FROM sync_link s JOIN lead l ON l.id = s.lead_id
       WHERE s.state <> 'removed' ORDER BY l.name, s.kind`,
    ),
    busy: await rows("SELECT starts_at, ends_at, is_all_day FROM busy_time ORDER BY starts_at"),
    connections: await rows("SELECT provider, state, problem FROM connection ORDER BY provider"),
    secrets: await rows("SELECT provider, name FROM integration_secret ORDER BY provider, name"),
    unfinished: await rows("SELECT provider FROM webhook_delivery WHERE handled_at IS NULL"),
    put_off: await rows("SELECT resource, problem FROM sync_cursor WHERE problem IS NOT NULL"),
    calendar: sorted(
      [...google.calendar().events.values()]
        .filter(({ status }) => status !== "cancelled")
        .map(({ summary, start, end, location }) => [summary, start?.dateTime, end?.dateTime, Boolean(location)]),
    ),
    meetings: sorted([...zoom.meetings.values()].map((each) => [each.topic, each.start_time, each.duration])),
    // An empty field and one that was never written are the same to whoever reads it.
    records: sorted(
      [...zoho.org().leads.values()].map(({ fields: { Arrestra_Link: _own, ...fields } }) =>
        Object.entries(fields).filter(([, value]) => value !== null),
      ),
    ),
    deletedRecords: zoho.org().deleted.map(({ name }) => name),
    webhooks: acuity.webhooks.subscriptions.map(({ event, status }) => [event, status]),
  };
}

const sorted = (list: readonly unknown[]): string[] => list.map((each) => JSON.stringify(each)).toSorted();

/** How often something new was made at each service today. */
export function madeToday() {
  const posts = (service: Service, path: RegExp) =>
    sandbox.log
      .last(service, 10_000)
      .filter((each) => each.method === "POST" && path.test(each.path) && (each.status ?? 500) < 300).length;
  const { leads, deleted } = stage.zoho.org();
  return {
    meetings: posts("zoom", /\/users\/[^/]+\/meetings/),
    events: posts("google", /\/events(\?|$)/),
    records: leads.size + deleted.length,
    webhooks: posts("acuity", /\/webhooks$/),
  };
}

/** How often a service has answered so today. */
export const answersOf = (service: Service, status: number): number =>
  sandbox.log.totals(service).byStatus[String(status)] ?? 0;

/** What the firm's events say of connections, in their order. */
export const saidOfConnections = async (): Promise<string[]> =>
  (
    await rows<Event>(
      "SELECT type, data FROM event WHERE type IN ('connection.broken', 'connection.restored') ORDER BY id",
    )
  ).map(({ type, data }) => `${data.provider} ${type.slice("connection.".length)}`);

export const renewedAt = async (): Promise<string[]> =>
  (
    await rows<{ provider: string }>(
      "SELECT DISTINCT data->>'provider' AS provider FROM event WHERE type = 'connection.renewed'",
    )
  )
    .map(({ provider }) => provider)
    .toSorted();

type Told = { state: string; startsAt: string };

/** Each consultation as its events tell it, and as it stands. */
export async function toldAndHeld(): Promise<{ told: Record<string, Told>; held: Record<string, Told> }> {
  const told: Record<string, Told> = {};
  for (const { type, data } of await rows<Event>(
    "SELECT type, data FROM event WHERE type LIKE 'consultation.%' ORDER BY occurred_at, id",
  )) {
    const id = data.consultationId ?? "";
    if (type === "consultation.booked") told[id] = { state: "scheduled", startsAt: data.startsAt ?? "" };
    const known = told[id];
    if (!known) continue;
    if (type === "consultation.moved") known.startsAt = data.to ?? "";
    if (type === "consultation.canceled") known.state = "canceled";
    if (type === "consultation.no_show") known.state = "no_show";
  }
  const held = await rows<{ id: string; state: string; startsAt: Date }>(
    `SELECT id, state, starts_at AS "startsAt" FROM consultation`,
  );
  return {
    told,
    held: Object.fromEntries(held.map(({ id, state, startsAt }) => [id, { state, startsAt: startsAt.toISOString() }])),
  };
}
