import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { ApiKeyPageQuery, CreateApiKey, type NewApiKey } from "@/lib/contracts/api-keys";
import type { FirmDto } from "@/lib/contracts/firms";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { createApiKey } from "@/lib/domain/auth/create-api-key";
import { findApiKey } from "@/lib/domain/auth/find-api-key";
import { listApiKeys } from "@/lib/domain/auth/list-api-keys";
import { revokeApiKey } from "@/lib/domain/auth/revoke-api-key";
import { rotateApiKey } from "@/lib/domain/auth/rotate-api-key";
import type { Ctx } from "@/lib/domain/context/ctx";
import { getFirmInAnyState } from "@/lib/domain/tenants/list-firms";
import { operatorCtx, provenOperator } from "@/lib/domain/tenants/operator-ctx";
import { BadUsage, CALLED, flag, need, read, type Say, text, wholeNumber } from "./command";

const PREFIX = "arl_live_";
const WHERE = { show: flag, out: text };
type Values = ReturnType<typeof read>["values"];

export async function issueKey(args: string[], say: Say): Promise<number> {
  const { values } = read(args, { firm: text, name: text, scopes: text, days: text, ...WHERE });
  const days = values.days ?? "365";
  const asked = CreateApiKey.safeParse({
    name: need(values, "name"),
    scopes: need(values, "scopes").split(","),
    expiresInDays: days === "never" ? null : wholeNumber(days, "days", { from: 1, to: 730 }),
  });
  if (!asked.success)
    throw new BadUsage(asked.error.issues.map(({ path, message }) => `--${String(path[0])} ${message}`).join("\n"));
  const { ctx, firm } = await firmOf(need(values, "firm"));
  assertOpen(firm);
  const { key } = await handOver(values, say, () => createApiKey(ctx, asked.data));
  say(`${key.prefix} of ${firm.name} may ${key.scopes.join(", ")}; it works ${until(key.expiresAt)}.`);
  say(`Next: give it to its program. When it was last used: ${CALLED} keys list --firm ${firm.slug}`);
  return 0;
}

export async function rotateKey(args: string[], say: Say): Promise<number> {
  const { values, words } = read(args, { firm: text, "overlap-hours": text, ...WHERE }, 1);
  const overlapHours = wholeNumber(values["overlap-hours"] ?? "24", "overlap-hours", { from: 0, to: 168 });
  const { ctx, firm, kid, id } = await keyOf(words[0] ?? "", values.firm);
  if (firm) assertOpen(firm);
  const { key } = await handOver(values, say, () => rotateApiKey(ctx, id, { overlapHours }));
  say(`${key.prefix} takes over from ${PREFIX}${kid}, with the same scopes; it works ${until(key.expiresAt)}.`);
  say(
    overlapHours === 0
      ? "Next: give it to its program now. The old one is refused from its next request on."
      : `Next: give it to its program. The old one is refused in ${overlapHours} hours at the latest.`,
  );
  return 0;
}

export async function revokeKey(args: string[], say: Say): Promise<number> {
  const { values, words } = read(args, { firm: text }, 1);
  const { ctx, kid, id } = await keyOf(words[0] ?? "", values.firm);
  await revokeApiKey(ctx, id);
  say(`${PREFIX}${kid} is revoked: it is refused from its next request on, for good.`);
  say("Next: tell the firm. It stands in its audit trail, with the operator as who did it.");
  return 0;
}

export async function listKeys(args: string[], say: Say): Promise<number> {
  const { values } = read(args, { firm: text });
  const { ctx, firm } = await firmOf(need(values, "firm"));
  const keys = await allKeys(ctx);
  for (const { prefix, state, scopes, expiresAt, lastUsedAt, name } of keys) {
    const used = lastUsedAt ? `used ${lastUsedAt.slice(0, 16)}Z` : "never used";
    say([prefix, state.padEnd(7), until(expiresAt).padEnd(16), used.padEnd(22), scopes.join(","), name].join("  "));
  }
  say(keys.length === 0 ? `${firm.name} has no key.` : `${firm.name}: ${keys.length} keys; their texts are nowhere.`);
  return 0;
}

const until = (expiresAt: string | null): string => (expiresAt ? `until ${expiresAt.slice(0, 10)}` : "without an end");

async function firmOf(slug: string): Promise<{ firm: FirmDto; ctx: Ctx }> {
  const operator = provenOperator(newId(), systemClock);
  const firm = await getFirmInAnyState(operator, slug);
  return { firm, ctx: operatorCtx(operator, firm.id) };
}

function assertOpen({ name, state }: FirmDto): void {
  if (state !== "active") throw new Error(`${name} is ${state}: no key of it opens anything. Nothing was made.`);
}

async function allKeys(ctx: Ctx) {
  const keys = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listApiKeys(ctx, ApiKeyPageQuery.parse({ limit: 200, ...(cursor ? { cursor } : {}) }));
    keys.push(...page.keys);
    cursor = page.nextCursor;
  }
  return keys;
}

/** By what it begins with: whoever finds a leaked key knows nothing else of it. A firm that is shut has to be named. */
async function keyOf(given: string, slug: unknown): Promise<{ ctx: Ctx; kid: string; id: string; firm?: FirmDto }> {
  // A whole key, pasted: its secret is of no use here and is not looked at.
  const kid = (given.startsWith(PREFIX) ? given.slice(PREFIX.length) : given).split("_")[0] ?? "";
  if (typeof slug === "string") {
    const { ctx, firm } = await firmOf(slug);
    const key = (await allKeys(ctx)).find(({ prefix }) => prefix === `${PREFIX}${kid}`);
    if (!key) throw new Error(`${firm.name} has no key ${PREFIX}${kid}.`);
    return { ctx, kid, id: key.id, firm };
  }
  const key = await findApiKey(kid);
  if (!key) throw new Error(`No firm that is open has a key ${PREFIX}${kid}. For one that is shut: --firm SLUG`);
  return { ctx: operatorCtx(provenOperator(newId(), systemClock), key.tenantId), kid, id: key.id };
}

/** Makes a key once it is known where its text goes. A file is opened first: a key whose text got lost would have to be revoked. */
async function handOver(values: Values, say: Say, make: () => Promise<NewApiKey>): Promise<NewApiKey> {
  const { out, show } = values;
  if ((typeof out === "string") === (show === true))
    throw new BadUsage("Where does the key's text go? --out FILE, or --show to print it.");
  if (typeof out !== "string") {
    const made = await make();
    say("The key, shown only now:");
    say(made.text);
    return made;
  }
  const file = openSync(out, "wx", 0o600);
  try {
    const made = await make();
    writeSync(file, `${made.text}\n`);
    say(`The key is in ${out}, which only you may read; its text is nowhere else.`);
    return made;
  } catch (error) {
    rmSync(out, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}
