import type { EvidenceDto } from "@/lib/contracts/evidence";
import type { Ctx } from "@/lib/domain/context/ctx";
import { beginEvidence } from "@/lib/domain/leads/evidence/begin-evidence";
import { checkEvidence } from "@/lib/domain/leads/evidence/check-evidence";
import { listEvidence } from "@/lib/domain/leads/evidence/list-evidence";
import { receiveEvidence } from "@/lib/domain/leads/evidence/receive-evidence";

/** The beginning of a PDF, and a word to know it by. */
export const pdf = (word = "SPECIMEN"): Buffer => Buffer.from(`%PDF-1.7\n%${word}\n1 0 obj\n<<>>\nendobj\n%%EOF\n`);
export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

export async function* bytesOf(content: Uint8Array) {
  yield content;
}

/** The job of the firm, at the time of whoever asked. */
export const jobOf = ({ tx: _, ...ctx }: Ctx): Ctx => ({ ...ctx, actor: { type: "job", id: "evidence.check" } });

/** A file that has come and was not looked at. */
export async function sendFile(ctx: Ctx, leadId: string, content: Buffer, filename = "bond.pdf"): Promise<EvidenceDto> {
  const { file } = await beginEvidence(ctx, leadId, { filename, bytes: content.length });
  return receiveEvidence(ctx, { leadId, id: file.id }, bytesOf(content));
}

/** A file that was looked at. */
export async function keepFile(ctx: Ctx, leadId: string, content = pdf(), filename = "bond.pdf"): Promise<EvidenceDto> {
  const { id } = await sendFile(ctx, leadId, content, filename);
  await checkEvidence(jobOf(ctx), id);
  return fileOf(ctx, leadId, id);
}

export async function fileOf(ctx: Ctx, leadId: string, id: string): Promise<EvidenceDto> {
  const found = (await listEvidence(ctx, leadId)).files.find((file) => file.id === id);
  if (!found) throw new Error("The lead has no such file.");
  return found;
}
