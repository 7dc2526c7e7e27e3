import type { EvidenceRefusal } from "@/lib/contracts/evidence";
import { EVIDENCE_TYPES, type EvidenceType } from "@/lib/core/evidence-types";
import { newId } from "@/lib/core/ids";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { sealTermsOf } from "./begin-evidence";
import { keptKeyOf } from "./evidence-keys";
import type { EvidenceRow } from "./evidence-row";
import { type Inspected, inspectFile } from "./inspect-file";

/** A file that was found good, where no form can put another in its place; or why it was not. */
export type Checked = { refusal: EvidenceRefusal } | { refusal: null; key: string; version: string; sha256: string };

/** Looks at the bytes that were sent and writes those very bytes, as they pass, to where they are kept. What is found bad is not written at all. */
export async function keepChecked(ctx: Ctx, row: EvidenceRow): Promise<Checked> {
  const files = evidenceFilesOf();
  const said = { type: row.type as EvidenceType, bytes: Number(row.bytes) };
  const file = await files.open(row.fileKey);
  // Something came, and the bucket has forgotten it since.
  if (!file) return { refusal: "unreadable" };
  const { stream } = file;
  const seen: { now: Inspected | null } = { now: null };
  const key = keptKeyOf(row, newId());
  async function* looked() {
    seen.now = yield* inspectFile(stream, said);
    // A write that breaks off leaves nothing.
    if (seen.now.refusal !== null) throw new Error(`The file is not kept: ${seen.now.refusal}.`);
  }
  try {
    const { type } = EVIDENCE_TYPES[said.type];
    await files.write(key, looked(), { type, ...(await sealTermsOf(ctx)) });
  } catch (error) {
    if (seen.now?.refusal) return seen.now;
    throw error;
  } finally {
    await stream.cancel().catch(() => {});
  }
  const kept = await files.open(key);
  await kept?.stream.cancel();
  if (!kept || seen.now?.refusal !== null) throw new Error("The file that was kept is gone.");
  return { refusal: null, key, version: kept.version, sha256: seen.now.sha256 };
}
