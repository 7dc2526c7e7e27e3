import { z } from "zod";
import { megabytes } from "@/lib/core/bytes";
import { EVIDENCE_MAX_BYTES, EVIDENCE_TYPE_NAMES } from "@/lib/core/evidence-types";
import { text } from "@/lib/core/text";
import { UploadTarget } from "./imports";

/** `uploading` waits for its file, `checking` for a look at its bytes; only a `ready` one opens. What `refused` says why in `problem`, and is forgotten in a day. */
export const EVIDENCE_STATES = ["uploading", "checking", "ready", "refused"] as const;
export type EvidenceState = (typeof EVIDENCE_STATES)[number];

/** Why a file was refused. */
export const EVIDENCE_REFUSALS = ["empty", "too_large", "other_size", "other_type", "not_text", "unreadable"] as const;
export type EvidenceRefusal = (typeof EVIDENCE_REFUSALS)[number];

/** The body of `POST /api/leads/{id}/evidence`. The ending of the name says what the file is. */
export const BeginEvidence = z.strictObject({
  filename: text(300),
  bytes: z
    .int()
    .min(1, "must not be an empty file")
    .max(EVIDENCE_MAX_BYTES, `must be at most ${megabytes(EVIDENCE_MAX_BYTES)}`),
});
export type BeginEvidence = z.infer<typeof BeginEvidence>;

/** A file that is kept with a lead. */
export const EvidenceDto = z.strictObject({
  id: z.string(),
  filename: z.string(),
  type: z.enum(EVIDENCE_TYPE_NAMES),
  bytes: z.int(),
  /** Of the bytes, once they were looked at. */
  sha256: z.string().nullable(),
  state: z.enum(EVIDENCE_STATES),
  problem: z.string().nullable(),
  addedBy: z.strictObject({ type: z.enum(["user", "apiKey"]), id: z.string(), name: z.string() }),
  createdAt: z.string(),
  /** Whether the caller may remove it: whoever added it, owners and admins. */
  mayRemove: z.boolean(),
});
export type EvidenceDto = z.infer<typeof EvidenceDto>;

/** The reply of `POST /api/leads/{id}/evidence`. Without a form the file goes to our own `PUT /api/leads/{id}/evidence/{evidenceId}/file`. */
export const BegunEvidence = z.strictObject({ file: EvidenceDto, upload: UploadTarget });
export type BegunEvidence = z.infer<typeof BegunEvidence>;

/** The reply of `GET /api/leads/{id}/evidence`: all of them, the newest first. */
export const EvidenceList = z.strictObject({ files: z.array(EvidenceDto) });
export type EvidenceList = z.infer<typeof EvidenceList>;
