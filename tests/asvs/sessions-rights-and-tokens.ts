import { chapter, met, none, open } from "./requirement";

/** V7 Session management, V8 Authorization, V9 Self-contained tokens. */
export const SESSIONS_RIGHTS_AND_TOKENS = chapter([
  [
    "7.1.1",
    2,
    "Documented ends of a session",
    met("docs/generated.test.ts: says in every generated part what the code says now"),
  ],
  [
    "7.1.2",
    2,
    "Documented number of sessions",
    open("Sessions are listed and can be ended; no number of them is refused, and no page says so."),
  ],
  ["7.1.3", 2, "Documented federated sessions", none("No identity provider: everybody signs in here.")],
  [
    "7.2.1",
    1,
    "Sessions are checked on the server",
    met("auth/sign-in.db.test.ts: is refused from the next request on when it %s"),
  ],
  ["7.2.2", 1, "Sessions have tokens of their own", met("auth/sign-in.db.test.ts: stores no token, only its digest")],
  ["7.2.3", 1, "Tokens are random, 128 bits or more", met("auth/sign-in.db.test.ts: stores no token, only its digest")],
  [
    "7.2.4",
    1,
    "A new token at each sign-in",
    met(
      "auth/sign-in-attacks.db.test.ts: do not put a person into somebody else's session, first or second",
      "auth/sign-in.db.test.ts: takes the password first and the code second, opens a session on the firm's host and records who came",
    ),
  ],
  [
    "7.3.1",
    2,
    "Sessions end when idle",
    met("auth/sign-in.db.test.ts: is refused from the next request on when it %s"),
  ],
  [
    "7.3.2",
    2,
    "Sessions end after a day's work",
    met("auth/sign-in.db.test.ts: is refused from the next request on when it %s"),
  ],
  [
    "7.4.1",
    1,
    "An ended session opens nothing",
    met(
      "auth/sign-in.db.test.ts: ends when its person signs out, and the cookie goes",
      "browser/within-a-second.test.ts: that was revoked goes to the door within a second, by a link as by a write",
    ),
  ],
  [
    "7.4.2",
    1,
    "Disabling a user ends their sessions",
    met(
      "auth/users-next-request.db.test.ts: is refused to who was disabled, demoted, reset or signed out, and a new sign-in has the new role",
    ),
  ],
  [
    "7.4.3",
    2,
    "Another factor ends the other sessions",
    met(
      "auth/account-settings.db.test.ts: is replaced when the first code of the new one was shown, not before; other sessions end",
      "auth/account-settings.db.test.ts: is changed by who knows it; every other session ends with its next request, this one stays",
    ),
  ],
  [
    "7.4.4",
    2,
    "Signing out is always in sight",
    met("browser/session.test.ts: that is signed out in one tab is over in every other, and the door leads back"),
  ],
  ["7.4.5", 2, "Admins end sessions", met("auth/users.db.test.ts: signs a person out everywhere, once")],
  [
    "7.5.1",
    2,
    "Changing factors asks for a factor",
    met("isolation/people-routes.test.ts: does what the role allows, and asks for a fresh factor where it must"),
  ],
  [
    "7.5.2",
    2,
    "People see and end their sessions",
    met(
      "auth/account-settings.db.test.ts: are listed with the browser and this one first; those that ended are not",
      "auth/account-settings.db.test.ts: are ended one by one: the next request of that one is refused, within a second",
    ),
  ],
  ["7.6.1", 2, "Sessions between provider and us", none("No identity provider: everybody signs in here.")],
  [
    "7.6.2",
    2,
    "A session begins by a deed of its person",
    met("auth/sign-in.db.test.ts: refuses a form that another site's page posts"),
  ],
  ["8.1.1", 1, "Documented rights", met("docs/generated.test.ts: says in every generated part what the code says now")],
  [
    "8.1.2",
    2,
    "Documented rights by field",
    met("docs/generated.test.ts: describes the API without a reference that leads nowhere"),
  ],
  [
    "8.2.1",
    1,
    "Functions need a permission",
    met(
      "isolation/routes.test.ts: has a row for every route and method of app/api",
      "isolation/routes.test.ts: lets people do what their role says",
      "isolation/people-routes.test.ts: does what the role allows, and asks for a fresh factor where it must",
    ),
  ],
  [
    "8.2.2",
    1,
    "Records need a permission",
    met(
      "isolation/routes.test.ts: gives the other firm nothing of ours, and changes nothing of ours",
      "isolation/scope.db.test.ts: opens a lead inside with all that hangs on it, and knows of none outside",
    ),
  ],
  [
    "8.2.3",
    2,
    "Fields need a permission",
    met(
      "auth/account-settings.db.test.ts: takes nothing that is not one's own to change",
      "domain/ingest-leads.test.ts: never touches what the firm owns when a form is seen again",
    ),
  ],
  [
    "8.3.1",
    1,
    "Rights are checked on the server",
    met("isolation/routes.test.ts: lets people do what their role says"),
  ],
  [
    "8.3.2",
    3,
    "Changed rights hold at once",
    met(
      "auth/users-next-request.db.test.ts: is refused to who was disabled, demoted, reset or signed out, and a new sign-in has the new role",
      "isolation/scope-routes.db.test.ts: sees the new one from the next request on",
      "auth/api-keys.db.test.ts: holds over HTTP within a second, while the key is in use",
    ),
  ],
  [
    "8.3.3",
    3,
    "Rights are those of who asked",
    met(
      "auth/users-rules.db.test.ts: asks the caller's row again: who was demoted, disabled or removed while the request was on its way is refused",
      "jobs/run-jobs.test.ts: makes the checks that ingest asked for, seals the events, and stops cleanly when told to",
    ),
  ],
  [
    "8.4.1",
    2,
    "Firms never affect each other",
    met(
      "isolation/canaries.http.test.ts: no byte of one was told to the other",
      "isolation/routes.test.ts: gives the other firm nothing of ours, and changes nothing of ours",
      "isolation/catalogue.test.ts: binds every table of a firm with row-level security, enabled and forced, by one policy over both directions",
      "tenants/erase-firm.db.test.ts: leaves no row of it in any table there is, the queue included, and every row of the other firm",
    ),
  ],
  ["9.1.1", 1, "Signatures are checked first", met("platform/jwt.test.ts: changed in one letter is refused, wherever")],
  ["9.1.2", 1, "One algorithm, never none", met("platform/jwt.test.ts: with another algorithm, or none, is refused")],
  ["9.1.3", 1, "Keys from our settings alone", met("platform/jwt.test.ts: %s is refused")],
  [
    "9.2.1",
    1,
    "Times are kept",
    met("platform/jwt.test.ts: is good for a minute and five seconds of skew, on either side"),
  ],
  ["9.2.2", 2, "The right kind of token", met("platform/jwt.test.ts: %s is refused")],
  ["9.2.3", 2, "Addressed to us", met("platform/jwt.test.ts: %s is refused")],
  ["9.2.4", 2, "One audience for each token", met("platform/jwt.test.ts: %s is refused")],
]);
