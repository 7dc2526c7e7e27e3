/** The minutes at which something is due, from five cron fields (minute, hour, day of month, month, day of week), read in UTC. */
type Fields = {
  minutes: Set<number>;
  hours: Set<number>;
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
};

const RANGES = [
  ["minutes", 0, 59],
  ["hours", 0, 23],
  ["days", 1, 31],
  ["months", 1, 12],
  ["weekdays", 0, 6],
] as const;
const MINUTE_MS = 60_000;
/** Further back nobody looks: what is due less often than once in 32 days has no last slot here. */
const LOOK_BACK_MINUTES = 32 * 24 * 60;

/** The last whole minute at or before `now` at which this is due, or null when there is none in a month. @throws Error for a text that is no cron. */
export function lastSlot(cron: string, now: Date): Date | null {
  const fields = parseCron(cron);
  const start = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
  for (let back = 0; back < LOOK_BACK_MINUTES; back += 1) {
    const at = new Date(start - back * MINUTE_MS);
    if (isDue(fields, at)) return at;
  }
  return null;
}

const isDue = ({ minutes, hours, days, months, weekdays }: Fields, at: Date): boolean =>
  minutes.has(at.getUTCMinutes()) &&
  hours.has(at.getUTCHours()) &&
  days.has(at.getUTCDate()) &&
  months.has(at.getUTCMonth() + 1) &&
  weekdays.has(at.getUTCDay());

function parseCron(cron: string): Fields {
  const parts = cron.split(" ");
  if (parts.length !== RANGES.length) throw new Error(`"${cron}" does not have five fields.`);
  // Cron reads these two as "or" when both are given, which nobody expects.
  if (parts[2] !== "*" && parts[4] !== "*") throw new Error(`"${cron}" names days of the month and of the week.`);
  const sets = RANGES.map(([name, from, to], index) => [name, parseField(parts[index] ?? "", from, to)] as const);
  return Object.fromEntries(sets) as Fields;
}

/** Lists of `*`, `7`, `1-5`, and any of the last two or `*` with a step: `0-30/10`. */
function parseField(field: string, lowest: number, highest: number): Set<number> {
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    const [, first, last, step] = match ?? [];
    const from = first === undefined ? lowest : Number(first);
    const to = last === undefined ? (first === undefined || step !== undefined ? highest : from) : Number(last);
    const by = step === undefined ? 1 : Number(step);
    if (!match || from < lowest || to > highest || from > to || by === 0)
      throw new Error(`"${field}" is no cron field.`);
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return values;
}
