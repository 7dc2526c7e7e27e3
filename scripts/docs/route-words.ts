import { ALERT_ROUTE_WORDS } from "./alert-route-words";
import { EVIDENCE_ROUTE_WORDS } from "./evidence-route-words";
import { IMPORT_ROUTE_WORDS } from "./import-route-words";

/** What each operation is for. A route without an entry, or an entry without a route, fails when the documents are made. */
export const WORDS: Record<string, [summary: string, description: string]> = {
  "GET /api/health": [
    "Whether this server can work",
    "Public. 503 with `Retry-After` when the database does not answer, and while the server leaves (`draining`). `release` names the build.",
  ],
  "GET /api/health/details": [
    "Database, migrations, alarms of the audit trails, queues, last run of each source",
    "For operators: `Authorization: Bearer` with the value of `OPERATOR_TOKEN`.",
  ],
  "POST /api/leads/ingest": [
    "Take a batch of leads of one source",
    "One transaction: all of it is stored or none. Every row is accounted for in `results`, in the order sent; a bad row never sinks the others. Posting the same rows again changes nothing.",
  ],
  "POST /api/ingest/runs": ["Open a run", "The row against which a worker accounts for what it found."],
  "PATCH /api/ingest/runs/{id}": [
    "Say how far a run has come, or how it ended",
    "With `status: succeeded`, found = new + changed + same + rejected + suppressed.",
  ],
  "GET /api/ingest/known": [
    "What the firm holds of a source",
    "So that a worker without a database fetches only what is new or due. Pages of 1,000; withdrawn forms are left out.",
  ],
  "GET /api/leads": [
    "One page of leads",
    "The cursor belongs to the firm and the filter: with another filter it is refused.",
  ],
  "GET /api/leads/{id}": ["Everything about one lead", "Recorded as `lead.viewed`, thinned."],
  "POST /api/leads/status": [
    "Move a lead through the pipeline",
    "The same status again is 200 and records nothing. `reason` is required for `dismissed` and `lost`.",
  ],
  "POST /api/leads/enrich/contact": [
    "Ask for a check of the contacts of some leads",
    "Answers at once; the checks are jobs. A fresh answer is used again instead of paid again; a lead of another firm has the outcome `not_found`.",
  ],
  "GET /api/leads/export": [
    "Every lead of a filter as CSV",
    "Streams; the columns are in export.md. Recorded before the first byte.",
  ],
  "GET /api/exports": [
    "One page of prepared exports, newest first",
    "One's own; owners and admins see those of the firm. Does not keep a session from going idle.",
  ],
  "POST /api/exports": [
    "Ask for a file with every row of a filter",
    "For what is greater than the host carries in a reply, and for who would rather not wait. A job writes it; at most 3 of a firm are under way, and at most 20 files wait to be fetched. `kind: audit` is for owners and admins. More than 1,000 rows need a fresh factor (`mfa_required`). Recorded as `lead.exported` or `audit.exported`.",
  ],
  "GET /api/exports/{id}": ["How far one export is", "Ask every few seconds until `state` is `ready` or `failed`."],
  "GET /api/exports/{id}/file": [
    "The file of a ready export, for a day",
    "The bytes, or 303 to an address that is good for 60 seconds and needs no key: do not send yours there. `conflict` while it is prepared. Each time is recorded as `export.fetched`.",
  ],
  "DELETE /api/exports/{id}": ["Remove an export and its file", "One that is under way stops."],
  ...IMPORT_ROUTE_WORDS,
  ...EVIDENCE_ROUTE_WORDS,
  ...ALERT_ROUTE_WORDS,
  "POST /api/leads/{id}/contacts": [
    "Add a phone number or e-mail address that the firm was given",
    "The same value again changes nothing. With `check`, a look-up is asked for at once if the caller may.",
  ],
  "PATCH /api/leads/{id}/contacts/{contactId}": [
    "Correct a contact of the firm's own",
    "A new value drops the checks of the old one. A contact of the source is `conflict`.",
  ],
  "DELETE /api/leads/{id}/contacts/{contactId}": [
    "Erase a contact of the firm's own",
    "With everything found out about it; only the fact that it was removed stays.",
  ],
  "GET /api/domains": [
    "Where the firm answers",
    "Its subdomain first, then domains of its own with the TXT record that proves each. All of `/api/domains` is for people: no key has a scope for it.",
  ],
  "POST /api/domains": [
    "Add a domain of the firm's own",
    "It waits until its TXT record is found. The same one again changes nothing; at most ten.",
  ],
  "PATCH /api/domains/{id}": [
    "Look for a domain's TXT record now",
    "The reply says what was found. `conflict` when another firm has proven the domain.",
  ],
  "DELETE /api/domains/{id}": [
    "Remove a domain",
    "The firm stops answering there within a second; passkeys made on that host work nowhere else.",
  ],
  "GET /api/keys": [
    "The firm's API keys",
    "Those that work first, the newest first; never their text. All of `/api/keys` is for people: no key has a scope for it.",
  ],
  "POST /api/keys": [
    "Make an API key",
    "Its `text` is in this reply and can never be read again. At most 50 work at the same time (`conflict`).",
  ],
  "DELETE /api/keys/{id}": [
    "Revoke an API key",
    "It is refused from its next request on. Repeating it changes nothing.",
  ],
  "POST /api/keys/{id}/rotate": [
    "Make the key that takes over from this one",
    "Same name, scopes and length of life. The old one works for `overlapHours` more, 0 ends it at once; a key is rotated once (`conflict`).",
  ],
  "GET /api/users": [
    "The firm's users, by name",
    "The invited and the disabled among them. All of `/api/users` is for people: no key has a scope for it.",
  ],
  "POST /api/users/invitations": [
    "Invite a person by a one-time link",
    "The link is in this reply and nowhere else. Whoever was invited and has not joined gets a new one, and the old no longer works. Needs a fresh second factor, as every change below.",
  ],
  "DELETE /api/users/invitations/{id}": [
    "Withdraw an invitation",
    "The link stops working and the user, who never joined, is gone.",
  ],
  "PATCH /api/users/{id}": [
    "Change what a user is, what they see, and whether they may come in",
    "Holds from their next request. Another role, or being disabled, ends their sessions.",
  ],
  "POST /api/users/{id}/password-link": [
    "A link with which a user chooses a new password",
    "Signing in still takes their second factor.",
  ],
  "POST /api/users/{id}/reset-factor": [
    "Remove the second factor that a user lost",
    "Ends their sessions. The link in the reply and their password together set up a new authenticator; until then nobody signs in as them.",
  ],
  "DELETE /api/users/{id}/sessions": ["Sign a user out everywhere", "From their next request on."],
  "GET /api/account": [
    "The signed-in person",
    "Name, factors, passkeys and sessions. All of `/api/account` is for people: no key has a scope for it.",
  ],
  "PATCH /api/account": ["Change one's own name", "The same name again records nothing."],
  "POST /api/account/password": [
    "Choose a new password, knowing the present one",
    "Ends every other session. Needs a fresh second factor, as every change of a factor below. An `Idempotency-Key` is not looked at.",
  ],
  "POST /api/account/totp": [
    "Offer a new authenticator",
    "The one in use stays in use until the first code of the new one was shown. Each offer takes the place of the one before.",
  ],
  "POST /api/account/totp/confirm": [
    "Put the offered authenticator in the place of the one in use",
    "By its first code. Ends every other session.",
  ],
  "POST /api/account/recovery-codes": [
    "Ten new recovery codes, shown once",
    "Those from before no longer work. The reply is not kept for an `Idempotency-Key`.",
  ],
  "POST /api/account/passkeys/options": [
    "What a browser makes a passkey from",
    "For `navigator.credentials.create`, good for this host. The challenge is good once, in this session, for five minutes.",
  ],
  "POST /api/account/passkeys": [
    "Add the passkey that the browser made",
    "At most ten. An `Idempotency-Key` is not looked at.",
  ],
  "PATCH /api/account/passkeys/{id}": ["Give a passkey another name", "Needs no fresh factor."],
  "DELETE /api/account/passkeys/{id}": ["Remove a passkey", "It opens nothing any more."],
  "DELETE /api/account/sessions": [
    "End every other session of one's own",
    "From their next request on. Needs no fresh factor: who finds a stranger in their account is not held up.",
  ],
  "DELETE /api/account/sessions/{id}": [
    "End one session of one's own",
    "From its next request on; one that has ended stays as it is.",
  ],
  "POST /api/join/offer": [
    "The authenticator that an invitation offers",
    "For who holds the link, from a page of the firm. The same browser gets the same one again; any other a new one, which takes its place.",
  ],
  "POST /api/join": [
    "Take up an invitation",
    "Name, password and the first code of the authenticator count together or not at all. Opens a session; the reply shows ten recovery codes, once.",
  ],
  "POST /api/recover/password": [
    "Choose a new password through a one-time link",
    "The second factor stays, every session ends and none is opened.",
  ],
  "POST /api/recover/factor/offer": ["The authenticator that a recovery link offers", "As `POST /api/join/offer`."],
  "POST /api/recover/factor": [
    "Set up a new second factor through a one-time link and the password",
    "Passkeys and recovery codes from before are gone and every session ends. Opens one; the reply shows ten recovery codes, once.",
  ],
  "POST /api/account/step-up": [
    "Show the second factor again",
    "For what answers `mfa_required`: a code, a recovery code or a passkey, each once. Counts as fresh for ten minutes. `unprocessable` when it does not match. An `Idempotency-Key` is not looked at.",
  ],
  "POST /api/account/step-up/options": [
    "What a passkey is to sign to show the second factor again",
    "For `navigator.credentials.get`. The challenge is good once, in this session.",
  ],
  "GET /api/consultations": [
    "Consultations between two instants, or of one lead",
    "Earliest first; at most 93 days, or a `lead` without limits of time. Each says what it overlaps with: another consultation, or a busy time of the connected calendar, which has no name.",
  ],
  "POST /api/consultations": [
    "Book a consultation that the firm agreed on by itself",
    "Nobody is told by us. The lead moves to Consultation where its status allows it; what is connected follows: event, meeting, record.",
  ],
  "GET /api/consultations/{id}": [
    "Everything about one consultation",
    "With what the person wrote when booking, who was in the meeting from when to when, and what stands for it in other services.",
  ],
  "POST /api/consultations/{id}/move": [
    "Move a consultation to another time",
    "One that was booked in Acuity is moved there, and Acuity tells the person. With `expectedVersion` another one is `conflict`. An `Idempotency-Key` is not looked at.",
  ],
  "POST /api/consultations/{id}/cancel": [
    "Cancel a consultation, or say that nobody came",
    "One that was booked in Acuity is canceled there, and Acuity tells the person. The same again changes nothing. An `Idempotency-Key` is not looked at.",
  ],
  "POST /api/consultations/{id}/outcome": [
    "Say what came of a consultation",
    "Retained makes the lead retained, declined makes it lost and needs a `reason`; null takes the outcome back and leaves the lead. The same again changes nothing.",
  ],
  "POST /api/consultations/{id}/attendance": [
    "Say whether the person came",
    "A person's word counts more than what was counted in the meeting; `unknown` takes it back.",
  ],
  "POST /api/consultations/{id}/lead": [
    "Put a consultation under another lead",
    "Meeting, attendance and outcome go with it.",
  ],
  "POST /api/consultations/{id}/mirrors": [
    "Write a consultation to the other services once more",
    "What was taken away there or refused, and the record of its lead; a job does it. What is there and well is left alone.",
  ],
  "GET /api/reminders": [
    "Consultations that begin soon, for whoever asks",
    "For people: no key has a scope for it. Asking does not keep a session from going idle.",
  ],
  "POST /api/reminders/{id}/seen": ["Mark the reminder of a consultation as seen", "By the id of the consultation."],
  "PATCH /api/account/reminders": [
    "Choose how long before a consultation one is reminded",
    "5 minutes to two days; null for not at all.",
  ],
  "POST /api/account/calendar-feed": [
    "Make one's own calendar address",
    "It is in this reply and can never be read again; the one from before stops working. Needs a fresh second factor. An `Idempotency-Key` is not looked at.",
  ],
  "DELETE /api/account/calendar-feed": ["End one's own calendar address", "Repeating it changes nothing."],
  "GET /api/calendar/{feed}": [
    "One's own consultations as a calendar",
    "For calendar programs, on the firm's host: the secret in the address is the proof, and `.ics` may follow it. A wrong one is 404.",
  ],
  "GET /api/audit": [
    "One page of what happened in the firm, newest first",
    "For owners and admins; all of `/api/audit` is for people: no key has a scope for it. Recorded as `audit.viewed`, thinned.",
  ],
  "GET /api/audit/export": [
    "Every event of a filter as CSV",
    "Streams: number and hash of the seal, UTC time, type, who, lead, request, data as JSON. Recorded before the first byte. More than 1,000 events need a fresh factor (`mfa_required`).",
  ],
  "GET /api/connections": [
    "The services that can be connected, and the firm's connection to each",
    "For owners and admins; all of `/api/connections` is for people: no key has a scope for it. Health, last sync and what is left of a quota; never a secret.",
  ],
  "GET /api/connections/google/calendars": [
    "The calendars that consultations may be written to",
    "Asked for at Google each time. `not_configured` unless Google Calendar is connected.",
  ],
  "POST /api/connections/{provider}/authorize": [
    "Begin to connect a service",
    "Needs a fresh factor. The reply says where to say yes; who did comes back to `/settings/connections` in the same browser within ten minutes. `not_configured` when this installation has no client at the service. An `Idempotency-Key` is not looked at.",
  ],
  "POST /api/connections/{provider}/key": [
    "Connect a service with a key of the firm's own account",
    "Needs a fresh factor. The service is asked first: a key that it refuses is `unprocessable` and is not kept. An `Idempotency-Key` is not looked at.",
  ],
  "PATCH /api/connections/{provider}": [
    "Choose the calendar of a connection, or whether guests are invited",
    "Needs a fresh factor. The calendar has to be one that the account may write to.",
  ],
  "DELETE /api/connections/{provider}": [
    "Disconnect a service",
    "Needs a fresh factor. Ends what it tells us, gives the access back and erases every secret, whatever the service answers.",
  ],
  "POST /api/connections/{provider}/sync": [
    "Bring a connection up to date now",
    "Everything of it becomes due; the reply says how many pulls that are. An `Idempotency-Key` is not looked at.",
  ],
  "GET /api/connections/zoho/fields": [
    "Which field of Zoho CRM holds what of a lead, and the fields there are",
    "Asked for at Zoho each time. `not_configured` when Zoho CRM is not connected, `vendor_unavailable` when it does not answer.",
  ],
  "PUT /api/connections/zoho/fields": [
    "Choose which field of Zoho CRM holds what, and whose word counts",
    "Needs a fresh factor. The whole mapping, which takes the place of the one before; `Last_Name` must be in it. A field that Zoho does not have or that is chosen twice is `unprocessable` and named.",
  ],
};
