import { setTimeout as sleep } from "node:timers/promises";
import { KEY_SCOPES } from "@/lib/core/key-scope";
import { createApiKey } from "@/lib/domain/auth/create-api-key";
import { revokeApiKey } from "@/lib/domain/auth/revoke-api-key";
import { rotateApiKey } from "@/lib/domain/auth/rotate-api-key";
import { asOwner, type TestFirm } from "@/tests/setup/firms";
import { request, until } from "@/tests/setup/http";
import type { Fault, Size, Verdict } from "../fault";
import type { House } from "../house";
import { postBatch } from "./batches";

const ROUNDS: Record<Size, number> = { quick: 2, full: 12 };
const CLIENTS = 6;
/** The slowest client is told of a new key after this. */
const SPREAD_MS = 1_000;
const SMALL_BATCH = 5;

type Key = { id: string; text: string };
type Replace = (firm: TestFirm, key: Key) => Promise<Key>;

export const keyRotated: Fault = {
  name: "key-rotated",
  about: `${CLIENTS} clients read and post without a pause under one API key, which is rotated again and again with an hour of overlap. One client after the other takes the new key over within a second; once all have it, the hour is over (the row is set so) and the old key is shown once more.`,
  invariant: "no request with a key in its overlap is refused; every one with a key behind it is",
  play: (house, size) => replaceKeys(house, ROUNDS[size], rotate),
  control: {
    without: "the overlap: a new key is made and the old one revoked",
    play: (house, size) => replaceKeys(house, ROUNDS[size], revoke),
  },
};

const rotate: Replace = async (firm, key) => {
  const made = await rotateApiKey(firm.asUser(), key.id, { overlapHours: 1 });
  return { id: made.key.id, text: made.text };
};

const revoke: Replace = async (firm, key) => {
  const made = await createApiKey(firm.asUser(), { name: "Next key", scopes: [...KEY_SCOPES], expiresInDays: 1 });
  await revokeApiKey(firm.asUser(), key.id);
  return { id: made.key.id, text: made.text };
};

async function replaceKeys(house: House, rounds: number, replace: Replace): Promise<Verdict> {
  const { firm, ...database } = await house.database();
  const app = await house.web(database);
  const list = (key: string) => request(`${app.baseUrl}/api/leads?limit=5`, { headers: { "x-api-key": key } });
  const held: string[] = Array.from({ length: CLIENTS }, () => firm.key.text);
  const asked = held.map(() => 0);
  let [good, wronglyRefused, isOn] = [0, 0, true];
  const others: string[] = [];
  const clients = held.map(async (_, client) => {
    for (let turn = 0; isOn; turn++) {
      const key = held[client] ?? "";
      const reply =
        client % 2 === 0 ? await list(key) : await postBatch(app.baseUrl, key, `c${client}-${turn}`, SMALL_BATCH);
      asked[client] = (asked[client] ?? 0) + 1;
      if (reply.status === 200) good++;
      else if (reply.status === 401) wronglyRefused++;
      else others.push(`${reply.status} ${reply.text.slice(0, 200)}`);
    }
  });
  const everyoneAsks = async () => {
    const before = [...asked];
    await until("every client asks again", () => asked.every((count, client) => count > (before[client] ?? 0) + 1));
  };
  let key: Key = firm.key;
  let acceptedAfterwards = 0;
  for (let round = 0; round < rounds; round++) {
    await everyoneAsks();
    const old = key;
    key = await replace(firm, old);
    for (const client of held.keys()) {
      await sleep(SPREAD_MS / CLIENTS);
      held[client] = key.text;
    }
    await everyoneAsks();
    await asOwner(firm.id, (client) =>
      client.query("UPDATE api_key SET expires_at = now() WHERE id = $1 AND expires_at IS NOT NULL", [old.id]),
    );
    if ((await list(old.text)).status !== 401) acceptedAfterwards++;
  }
  isOn = false;
  await Promise.all(clients);
  for (const each of new Set(others.slice(0, 3))) house.say(`other reply: ${each}`);
  const figures = { rotations: rounds, good, wronglyRefused, acceptedAfterwards, otherReplies: others.length };
  return { holds: wronglyRefused + acceptedAfterwards + others.length === 0, figures };
}
