import {
  countSealed,
  type Reencrypted,
  reencryptFields,
  type SealedCount,
} from "@/lib/domain/tenants/reencrypt-fields";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { fieldKeyIds } from "@/lib/platform/crypto";
import { allFirms } from "../firm/all-firms";

type Firm = { id: string; slug: string };
type Options = { batch: number; say: (line: string) => void };

const ctxOf = (firm: Firm) => jobCtx(firm.id, "rotate-fields");
const figure = (count: number): string => count.toLocaleString("en-US");

/**
 * Seals every value of every firm, shut ones too, with the first key of FIELD_KEYS, then looks again. True when no value of an older key is left.
 * @throws Error before anything is changed when a value was sealed with a key that FIELD_KEYS does not have.
 */
export async function rotateFields({ batch, say }: Options): Promise<boolean> {
  const { current, older } = fieldKeyIds();
  say(`The first key of FIELD_KEYS is ${current}; older ones: ${older.join(", ") || "none"}.`);
  const firms = await allFirms();
  const before = await countAll(firms);
  assertAllKnown(before, new Set([current, ...older]));
  for (const { firm, counts } of before) {
    const due = counts.filter(({ keyId }) => keyId !== current).reduce((sum, { count }) => sum + count, 0);
    if (due === 0) {
      say(`  ${firm.slug}: nothing to do`);
      continue;
    }
    const seen = new Map<string, number>();
    const onBatch = ({ table, column, rows }: Reencrypted) => {
      seen.set(`${table}.${column}`, rows);
      const done = [...seen.values()].reduce((sum, count) => sum + count, 0);
      say(`  ${firm.slug}: ${table}.${column} ${figure(rows)}; ${figure(done)} of ${figure(due)}`);
    };
    await reencryptFields(ctxOf(firm), { batch, onBatch });
  }
  return tellEnd(await countAll(await allFirms()), { current, older }, say);
}

type Counted = { firm: Firm; counts: SealedCount[] };

async function countAll(firms: readonly Firm[]): Promise<Counted[]> {
  const all: Counted[] = [];
  for (const firm of firms) all.push({ firm, counts: await countSealed(ctxOf(firm)) });
  return all;
}

function assertAllKnown(counted: readonly Counted[], known: ReadonlySet<string>): void {
  const strange = counted.flatMap(({ firm, counts }) =>
    counts
      .filter(({ keyId }) => keyId === null || !known.has(keyId))
      .map(
        ({ table, column, keyId, count }) =>
          `  ${firm.slug}: ${figure(count)} of ${table}.${column} ${keyId === null ? "are no ciphertext" : `were sealed with ${keyId}`}`,
      ),
  );
  if (strange.length === 0) return;
  throw new Error(
    `FIELD_KEYS lacks a key that values were sealed with. Nothing was changed; add it behind the others and start again.\n${strange.join("\n")}`,
  );
}

function tellEnd(counted: readonly Counted[], { current, older }: ReturnType<typeof fieldKeyIds>, say: Options["say"]) {
  const all = counted.flatMap(({ counts }) => counts);
  const left = all.filter(({ keyId }) => keyId !== current).reduce((sum, { count }) => sum + count, 0);
  if (left > 0) {
    say(
      `${figure(left)} values were sealed with an older key meanwhile: a process still runs with the old FIELD_KEYS.`,
    );
    say("Start that process again with the new ones, then run this again. No key may be removed yet.");
    return false;
  }
  const total = all.reduce((sum, { count }) => sum + count, 0);
  say(`All ${figure(total)} values of ${figure(counted.length)} firms are sealed with ${current}.`);
  say(older.length > 0 ? `May be removed from FIELD_KEYS: ${older.join(", ")}.` : "FIELD_KEYS has no other key.");
  return true;
}
