import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@/lib/core/clock";
import { asOwner, makeFirm, type TestFirm } from "@/tests/setup/firms";
import { request } from "@/tests/setup/http";
import type { Fault, Size, Verdict } from "../fault";
import type { House } from "../house";
import { postBatch } from "./batches";
import { CUT, startCuttingProxy } from "./cutting-proxy";

const REQUESTS: Record<Size, number> = { quick: 300, full: 10_000 };
const CONTROL_REQUESTS = 300;
const CLIENTS = 8;
/** A firm may ask 18,000 times a minute, and a key 6,000 times. */
const FIRMS = 4;
/** One in so many books a consultation, which moves a lead and is a dozen statements; the others open a run, which is two. */
const BOOKING_EVERY = 10;
const HOUR_MS = 3_600_000;
const TRIES = 40;

export const replyLost: Fault = {
  name: "reply-lost",
  about: `Clients open ingest runs and book consultations through a proxy that loses the reply of every request: of one half once the server has answered, of the other while it still works. They send it again until they hear of success.`,
  invariant: "one effect for each Idempotency-Key, however often it was sent",
  play: (house, size) => sendThroughLoss(house, REQUESTS[size], true),
  control: {
    without: "the Idempotency-Key from the same requests",
    play: (house) => sendThroughLoss(house, CONTROL_REQUESTS, false),
  },
};

async function sendThroughLoss(house: House, requests: number, hasKey: boolean): Promise<Verdict> {
  const database = await house.database();
  const app = await house.web(database);
  const proxy = await startCuttingProxy(app.baseUrl);
  house.afterwards(() => proxy.close());
  const firms = [database.firm];
  while (firms.length < FIRMS) firms.push(await makeFirm());
  const leads = await Promise.all(firms.map((firm) => leadsOf(app.baseUrl, firm)));
  let [sent, next] = [0, 0];

  async function once(number: number): Promise<void> {
    const at = number % FIRMS;
    const key = firms[at]?.key.text ?? "";
    const headers = { "x-api-key": key, ...(hasKey ? { "idempotency-key": `lost-${number}` } : {}) };
    const isBooking = number % BOOKING_EVERY === 0;
    const path = isBooking ? "/api/consultations" : "/api/ingest/runs";
    const body = isBooking
      ? bookingOf(leads[at]?.[(number / BOOKING_EVERY) % 100] ?? "", number)
      : { source: "topics.travis", county: "Travis" };
    const cut = number % 2 === 0 ? "reply" : "work";
    for (let turn = 0; turn < TRIES; turn++) {
      sent++;
      const given = turn === 0 ? { ...headers, [CUT]: cut } : headers;
      const reply = await request(`${proxy.url}${path}`, { headers: given, body }).catch(() => null);
      if (reply?.status === 201) return;
      if (reply && ![409, 429, 503].includes(reply.status)) throw new Error(`${reply.status} ${path}: ${reply.text}`);
      // As a client in a hurry: the server may still be at work on the one before.
      if (reply) await sleep(reply.status === 409 ? 50 : 1000);
    }
    throw new Error(`Request ${number} was sent ${TRIES} times and never taken.`);
  }
  const client = async () => {
    while (next < requests) {
      const number = next++;
      await once(number);
      if (number % 1000 === 999) house.say(`${number + 1} of ${requests}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const effects = await Promise.all(firms.map(effectsOf));
  const sum = (name: keyof Effects) => effects.reduce((total, each) => total + each[name], 0);
  const bookings = Math.ceil(requests / BOOKING_EVERY);
  const wrong = (name: keyof Effects, wanted: number) => Math.max(0, sum(name) - wanted);
  const lost = Math.max(0, bookings - sum("consultations")) + Math.max(0, requests - bookings - sum("runs"));
  const duplicates = wrong("consultations", bookings) + wrong("runs", requests - bookings);
  const duplicateEvents = wrong("booked", bookings) + wrong("started", requests - bookings);
  const figures = {
    requests,
    sent,
    lostReplies: proxy.lost.reply + proxy.lost.work,
    lost,
    duplicates,
    duplicateEvents,
  };
  if (figures.lostReplies < requests) throw new Error(`Not every reply was lost: ${JSON.stringify(figures)}`);
  return { holds: lost + duplicates + duplicateEvents === 0, figures };
}

/** A hundred leads of each firm to book consultations with. */
async function leadsOf(baseUrl: string, firm: TestFirm): Promise<string[]> {
  const reply = await postBatch(baseUrl, firm.key.text, "to-book", 100);
  return reply.json<{ results: { leadId: string }[] }>().results.map(({ leadId }) => leadId);
}

const bookingOf = (leadId: string, number: number) => ({
  leadId,
  startsAt: new Date(systemClock.now().getTime() + (1 + (number % 5000)) * HOUR_MS).toISOString(),
  minutes: 30,
  kind: "Consultation",
});

type Effects = { runs: number; started: number; consultations: number; booked: number };

const effectsOf = (firm: TestFirm): Promise<Effects> =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query<Effects>(`
      SELECT (SELECT count(*)::int FROM ingest_run) AS runs, (SELECT count(*)::int FROM consultation) AS consultations,
        (SELECT count(*)::int FROM event WHERE type = 'ingest.run_started') AS started,
        (SELECT count(*)::int FROM event WHERE type = 'consultation.booked') AS booked`);
    return rows[0] as Effects;
  });
