import { megabytes } from "@/lib/core/bytes";
import { EVIDENCE_TYPES, type EvidenceType } from "@/lib/core/evidence-types";

const mostOf = (type: EvidenceType): string => megabytes(EVIDENCE_TYPES[type].maxBytes);

/** Of the routes of files that are kept with a lead: a title, and what else there is to know. */
export const EVIDENCE_ROUTE_WORDS: Record<string, [string, string]> = {
  "GET /api/leads/{id}/evidence": [
    "The files that are kept with a lead",
    "All of them, the newest first. Does not keep a session from going idle: ask every second or two while a `state` is `checking`.",
  ],
  "POST /api/leads/{id}/evidence": [
    "Begin to add a file to a lead",
    `The ending of \`filename\` says what the file is: PDF, JPEG, PNG, WebP, HEIC and Word (docx) of at most ${mostOf("pdf")}, plain text of at most ${mostOf("text")}, MP3, M4A, WAV, MP4 and MOV of at most ${mostOf("mp4")}. The reply says where it goes: with \`upload\`, post a form to its \`url\` with its \`fields\` first and \`file\` last within 15 minutes, then say so with \`POST /api/leads/{id}/evidence/{evidenceId}/file\`; without it, \`PUT\` it there. At most 200 files of a lead, 5,000 MB of a firm, and 10,000 MB that a firm begins in a day (\`rate_limited\`). An \`Idempotency-Key\` makes no second reply alike: the form is in one reply alone.`,
  ],
  "DELETE /api/leads/{id}/evidence/{evidenceId}": [
    "Remove a file from a lead",
    "For whoever added it, owners and admins. Recorded as `evidence.removed`.",
  ],
  "GET /api/leads/{id}/evidence/{evidenceId}/file": [
    "A file that is kept with a lead",
    "The bytes, to be saved and never shown in place, or 303 to an address that is good for 60 seconds and needs no key: do not send yours there. `conflict` while it is looked at, and when another file lies in its place than the one that was looked at. Recorded as `evidence.opened`, thinned.",
  ],
  "PUT /api/leads/{id}/evidence/{evidenceId}/file": [
    "Send a file of a lead",
    "The body is the file, within 4 minutes and exactly as long as was said. Kept whole or not at all. `conflict` where `POST /api/leads/{id}/evidence` gave a form. A job then looks at its bytes: it becomes `ready`, or `refused` with the reason in `problem`. Recorded as `evidence.added`.",
  ],
  "POST /api/leads/{id}/evidence/{evidenceId}/file": [
    "Say that the file has come to the bucket",
    "A job looks at its bytes, as after `PUT`. `conflict` while there is no file; once said, saying it again changes nothing.",
  ],
};
