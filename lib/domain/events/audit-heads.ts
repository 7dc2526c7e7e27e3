import { inOrder } from "@/lib/core/in-order";
import { auditHeadsOf } from "@/lib/platform/file-store";
import type { Ctx, TenantId } from "../context/ctx";
import { AuditHead, isSignedByUs } from "./audit-head";

const DIGITS = 15;
const NAME = /^(\d{15})(\.\d{4}-\d\d-\d\d)?\.json$/;

/** Heads read at once: each is an answer of the store to wait for, and the rest of the job runner reads files too. */
export const HEADS_AT_ONCE = 16;

type HeadKey = { key: string; sequence: number };

const folderOf = (tenantId: TenantId): string => `heads/${tenantId}/`;
const digitsOf = (sequence: number): string => String(sequence).padStart(DIGITS, "0");

/** Where a head is kept. One that confirms on a later day that nothing was added carries that day. */
const keyOf = (head: AuditHead, isConfirmation: boolean): string =>
  `heads/${head.tenantId}/${digitsOf(head.sequence)}${isConfirmation ? `.${head.signedAt.slice(0, 10)}` : ""}.json`;

/** A stored head as it was found. What cannot be read, stands for another place or firm, or was not signed by us is forged. */
export type StoredHead =
  | { isForged: false; sequence: number; hash: string; events: number; signedAt: string }
  | { isForged: true; sequence: number };

/**
 * Where a firm's heads are, lowest sequence first, from a place of its chain on. Names only: a year of them is a hundred thousand, so who knows a place names
 * it.
 */
export async function listHeadKeys(tenantId: TenantId, from = 0): Promise<HeadKey[]> {
  const folder = folderOf(tenantId);
  const keys = await auditHeadsOf().list(folder, from > 0 ? { after: `${folder}${digitsOf(from)}` } : {});
  return keys.flatMap((key) => {
    const sequence = NAME.exec(key.slice(folder.length))?.[1];
    return sequence === undefined ? [] : [{ key, sequence: Number(sequence) }];
  });
}

/** Where the newest head of a firm is, if there is one. Looks from the noted one on, and through all of them only when that one is gone. */
export async function findNewestHead(tenantId: TenantId, watch: Noted): Promise<HeadKey | undefined> {
  const known = (await listHeadKeys(tenantId, Number(watch?.headSequence ?? 0))).at(-1);
  return known ?? (await listHeadKeys(tenantId)).at(-1);
}

type Noted = { headSequence: bigint | null } | null;
type LostHeads = { sequence: number; eventId: null; problem: "lost_heads" };

/** What is wrong when the newest head that was kept is no longer there; null when it is, or none was ever kept. `headSequence` is the noted one. */
export async function findLostHeads({ tenantId }: Pick<Ctx, "tenantId">, watch: Noted): Promise<LostHeads | null> {
  return watch?.headSequence == null
    ? null
    : lostHeads((await listHeadKeys(tenantId, Number(watch.headSequence))).at(-1)?.sequence, watch);
}

/** The same, of the newest one that was found after the note. */
export function lostHeads(newest: number | undefined, watch: Noted): LostHeads | null {
  if (watch?.headSequence == null) return null;
  const sequence = Number(watch.headSequence);
  return newest === undefined || newest < sequence ? { sequence, eventId: null, problem: "lost_heads" } : null;
}

/** Reads one head and checks whose it is. */
export async function readHead(tenantId: TenantId, { key, sequence }: HeadKey): Promise<StoredHead> {
  const head = parseHead(await auditHeadsOf().get(key));
  if (!head || head.tenantId !== tenantId || head.sequence !== sequence || !isSignedByUs(head))
    return { isForged: true, sequence };
  const { hash, events, signedAt } = head;
  return { isForged: false, sequence, hash, events, signedAt };
}

/** The text of a head's file as a head, or null. */
export function parseHead(bytes: Buffer | null): AuditHead | null {
  try {
    return AuditHead.safeParse(JSON.parse(bytes?.toString("utf8") ?? "")).data ?? null;
  } catch {
    return null;
  }
}

/** Every stored head of a firm behind a place of its chain, lowest first. All are listed before the first is read. */
export async function* storedHeads(tenantId: TenantId, after = -1): AsyncGenerator<StoredHead> {
  yield* inOrder(await listHeadKeys(tenantId, after + 1), HEADS_AT_ONCE, (at) => readHead(tenantId, at));
}

/** Keeps a head, and beside the heads the key that verifies it. False when a head of this place is there already. */
export async function keepHead(
  head: AuditHead,
  publicKey: string,
  { isConfirmation }: { isConfirmation: boolean },
): Promise<boolean> {
  const store = auditHeadsOf();
  await store.putOnce(`keys/${head.kid}.pem`, Buffer.from(publicKey));
  return store.putOnce(keyOf(head, isConfirmation), Buffer.from(`${JSON.stringify(head, null, 2)}\n`));
}
