import { ERROR_TABLE, type ErrorCode } from "@/lib/core/errors";

/** When each code is answered and what the caller does then. A new code does not compile until it is described. */
const WORDS: Record<ErrorCode, string> = {
  invalid_request:
    "The request cannot be read: not JSON, not UTF-8, a key named twice in one object, nested deeper than 32, compressed, two different credentials, or a key in the address. Mend the program that sends it.",
  unauthenticated:
    "No key and no session, or one that does not hold here: unknown, expired, revoked, garbled, or shown on another firm's host. Every bad key gets the same sentence. Sign in again, or use a valid key on the apex or its own firm's host.",
  mfa_required: "The password was right and a second factor is still to be shown. No route of this version answers it.",
  forbidden:
    "The caller is known and may not: the key lacks the scope, the role lacks the permission, or a change with a cookie came from a page that is not the firm's own.",
  not_found:
    "There is no such address, firm or record, or it belongs to another firm. The three are the same on purpose: whoever asks learns nothing.",
  method_not_allowed: "The address exists and takes other methods: `Allow` names them.",
  conflict:
    "The record is not as the caller believes: `expectedVersion` is old, the value is there already, or another request with the same `Idempotency-Key` is still being worked on (then with `Retry-After: 1`). Read again, decide again.",
  invalid_transition:
    "The status table has no such move. `detail` says why in words for people. Choose a move that the lead's page offers.",
  export_too_large:
    "This host carries replies up to a size, and the file may be greater. `POST /api/exports` prepares it, `GET /api/exports/{id}` says how far it is, and `GET /api/exports/{id}/file` fetches it.",
  payload_too_large:
    "The body has more bytes than the route takes (limits.md). It is refused while it streams; nothing of it is used. Send smaller batches.",
  unprocessable:
    "The request can be read and a field is not acceptable. `invalidParams` names each field and what is wrong with it, never its value. Also: an `Idempotency-Key` that was used with another payload, and a cursor of another firm or filter.",
  rate_limited:
    "Too many requests of a kind that is counted (limits.md). Only signing in is counted in this version: it answers 429 with `Retry-After` and no problem body.",
  vendor_unavailable:
    "An outside service did not answer while the request waited for it. No route of this version waits for one: look-ups are jobs, and their failures are shown at the contact.",
  not_configured:
    "This installation lacks a setting that the request needs, such as `OPERATOR_TOKEN`. It is refused in development too. Set it; asking again without that helps nothing.",
  unavailable:
    "The database or a limit's store is away, busy or locked. Nothing was saved. Repeat with the same `Idempotency-Key` after `Retry-After`.",
  internal:
    "A fault of ours. Nothing was saved; the cause is in the log under `requestId`. Repeating is safe with an `Idempotency-Key`.",
};

/** One section per code, so that each has an anchor. */
export const errorSections = (): string =>
  Object.entries(ERROR_TABLE)
    .map(([code, { status, title, retryable }]) => {
      const again = retryable ? "The same request may succeed later." : "The same request will be refused again.";
      return `## ${code}\n\nHTTP ${status}. _${title}._ ${again}\n\n${WORDS[code as ErrorCode]}`;
    })
    .join("\n\n");
