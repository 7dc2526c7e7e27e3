/** Of the routes of imports: a title, and what else there is to know. */
export const IMPORT_ROUTE_WORDS: Record<string, [string, string]> = {
  "GET /api/imports": [
    "One page of the firm's imports, newest first",
    "For owners and admins who see every lead; all of `/api/imports` is for people: no key has a scope for it. Does not keep a session from going idle.",
  ],
  "POST /api/imports": [
    "Begin to import a list of the firm's own",
    "The reply says where the CSV goes: with `upload`, post a form to its `url` with its `fields` first and `file` last, then say so with `POST /api/imports/{id}/file`; without it, `PUT /api/imports/{id}/file`. At most 20 files of a firm wait here. An `Idempotency-Key` makes no second reply alike: the form is in one reply alone.",
  ],
  "GET /api/imports/{id}": [
    "How far one import is",
    "With the first rows of its file while columns can be chosen. Ask every second or two while `state` is `checking`, `importing` or `undoing`.",
  ],
  "PATCH /api/imports/{id}": [
    "Say which column is which field",
    "Columns are counted from 0. `county` is that of rows that name none. `unprocessable` names the field that is missing or chosen twice.",
  ],
  "DELETE /api/imports/{id}": [
    "Remove an import, or stop it",
    "Before it has written a lead it is gone with its file; while it writes it stops, and what it has written stays. One that has ended is `conflict`.",
  ],
  "PUT /api/imports/{id}/file": [
    "Send the file of an import",
    "The body is the file: `Content-Type: text/csv`, UTF-8, at most 50 MB (`payload_too_large`), within 4 minutes. Kept whole or not at all. `conflict` while another file of this import is on its way, and where `POST /api/imports` gave a form; at most 2 files of a firm are sent at the same time (`rate_limited`). `unprocessable` says what is wrong with it.",
  ],
  "POST /api/imports/{id}/file": [
    "Say that the file has come to the bucket",
    "Looks at its headings. `conflict` while there is no file. An `Idempotency-Key` is not looked at.",
  ],
  "POST /api/imports/{id}/check": [
    "Look through the file without writing a lead",
    "The dry run, by a job: what every row would become, and what is wrong with which row.",
  ],
  "POST /api/imports/{id}/run": [
    "Import a file that was looked through",
    "A job takes the rows in as ingest does, under the source `import.csv`. One that failed or was stopped goes on where it ended. Recorded as `import.started` and `import.finished`.",
  ],
  "POST /api/imports/{id}/undo": [
    "Take back what an import brought",
    "A job withdraws and dismisses the leads that it created and that nobody has worked on since, so that they leave the open list; a lead that is shown again later is new again. `kept` says why others stay. Recorded as `import.undone`.",
  ],
  "GET /api/imports/{id}/problems": [
    "The rows that were refused, by row",
    "Where and why, never what stood there. The first 1,000 are kept, `total` counts all. The headings are row 1.",
  ],
};
