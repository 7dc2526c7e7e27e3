import { chapter, met, none } from "./requirement";

/** V2 Validation and business logic, V3 Web frontend. */
export const VALIDATION_AND_BROWSER = chapter([
  [
    "2.1.1",
    1,
    "Documented rules for single values",
    met(
      "docs/generated.test.ts: describes the API without a reference that leads nowhere",
      "docs/generated.test.ts: says in every generated part what the code says now",
    ),
  ],
  [
    "2.1.2",
    2,
    "Documented rules for values together",
    met("docs/generated.test.ts: describes the API without a reference that leads nowhere"),
  ],
  [
    "2.1.3",
    2,
    "Documented limits, per user and in all",
    met(
      "docs/generated.test.ts: says in every generated part what the code says now",
      "platform/rate-limit.db.test.ts: gives every limit a reason and what it protects",
    ),
  ],
  [
    "2.2.1",
    1,
    "Every input against a positive list",
    met(
      "http/body.test.ts: is 422 and names every field",
      "http/bad-input.test.ts: names the body when the body itself is of the wrong kind",
    ),
  ],
  ["2.2.2", 1, "Checked on the server", met("http/body.test.ts: is 422 for %j")],
  [
    "2.2.3",
    2,
    "Values fit together",
    met(
      "domain/ingest-leads.test.ts: accounts for every form found and refuses sums that do not add up",
      "domain/ingest-leads.test.ts: refuses an observation from the future and a run of another firm, naming the field",
    ),
  ],
  [
    "2.3.1",
    1,
    "Steps cannot be skipped",
    met(
      "auth/sign-in.db.test.ts: writes no session before the second factor was shown",
      "domain/change-status.test.ts: allows exactly the moves of the table and says why the others are blocked",
    ),
  ],
  [
    "2.3.2",
    2,
    "Limits of the business are kept",
    met("enrichment/look-up.db.test.ts: stop at the day's budget and go on the next day, by the firm's own clock"),
  ],
  [
    "2.3.3",
    2,
    "All of an operation or nothing",
    met(
      "http/idempotency.test.ts: leaves nothing behind when the connection dies in the middle of the work",
      "auth/account-join.db.test.ts: has not joined at all with a wrong code, and can try again",
    ),
  ],
  [
    "2.3.4",
    2,
    "Nothing limited is given twice",
    met(
      "enrichment/look-up.db.test.ts: hold under eight workers: no more calls under way than allowed, each check made once",
      "auth/api-keys.db.test.ts: stops at fifty that work, also when several ask at once; those that ended or were rotated out do not count",
    ),
  ],
  [
    "2.4.1",
    2,
    "Machines are slowed down",
    met(
      "platform/rate-lease.db.test.ts: is refused with 429 over its limit, others of the firm are not, and it is counted for its firm",
      "auth/sign-in.db.test.ts: answers 429 to an address that tries a list of names, and lets others in",
    ),
  ],
  [
    "3.2.1",
    1,
    "A reply is not taken for another kind",
    met(
      "http/problem.test.ts: puts the headers that protect a reader on every reply",
      "http/server.test.ts: protects every kind of reply once, and lets no cache keep a firm's page",
    ),
  ],
  [
    "3.2.2",
    1,
    "Text is shown as text",
    met(
      "browser/list.test.ts: are text like any other: markup, formulas, broken letters and names of eighty letters",
      "browser/lead.test.ts: shows markup and formulas of the court as text",
    ),
  ],
  [
    "3.3.1",
    1,
    "Cookies are Secure, with their prefix",
    met(
      "isolation/cookies.http.test.ts: sets only host-only, secure cookies out of scripts' reach, at both steps of signing in and at signing out",
    ),
  ],
  [
    "3.3.2",
    2,
    "SameSite as each cookie needs it",
    met("http/server.test.ts: takes a plain form without a script to the list, and the session holds there"),
  ],
  [
    "3.3.3",
    2,
    "__Host- on every cookie",
    met(
      "isolation/cookies.http.test.ts: believes no cookie without the prefix, which another host of the domain can plant, and no cookie that came twice",
    ),
  ],
  [
    "3.3.4",
    2,
    "Session cookies are out of scripts' reach",
    met(
      "http/server.test.ts: takes a plain form without a script to the list, and the session holds there",
      "http/operator.test.ts: opens with the token for a shift, and the cookie is host-only and out of scripts' reach",
    ),
  ],
  [
    "3.4.1",
    1,
    "HSTS for a year and all subdomains",
    met("isolation/cookies.http.test.ts: says HSTS and the rest on every kind of reply"),
  ],
  [
    "3.4.2",
    1,
    "No cross-origin reading",
    met("http/server.test.ts: names the methods that a route has to one that it has not"),
  ],
  [
    "3.4.3",
    2,
    "A content policy with nonces",
    met("http/server.test.ts: gives each page a policy with a nonce of its own, which its scripts carry"),
  ],
  [
    "3.4.4",
    2,
    "nosniff on every reply",
    met("http/server.test.ts: protects every kind of reply once, and lets no cache keep a firm's page"),
  ],
  [
    "3.4.5",
    2,
    "A referrer policy on every reply",
    met("http/server.test.ts: protects every kind of reply once, and lets no cache keep a firm's page"),
  ],
  [
    "3.4.6",
    2,
    "Nothing can be framed",
    met("http/server.test.ts: protects every kind of reply once, and lets no cache keep a firm's page"),
  ],
  [
    "3.5.1",
    1,
    "A change comes from our own page",
    met(
      "isolation/csrf.http.test.ts: %s is refused to pages of others",
      "auth/sign-in.db.test.ts: refuses a form that another site's page posts",
    ),
  ],
  [
    "3.5.2",
    1,
    "No change without a preflight",
    met(
      "isolation/csrf.http.test.ts: %s takes no body that a form could send, nor one of a page that does not say which",
    ),
  ],
  [
    "3.5.3",
    1,
    "GET changes nothing, and is for our pages",
    met("http/credentials.test.ts: does not hand a list or an export to a page of another site"),
  ],
  [
    "3.5.4",
    2,
    "Each firm has a host of its own",
    met(
      "http/server.test.ts: shows the other firm's host nothing for this session",
      "tenants/custom-host.db.test.ts: signs a person in on the firm's own domain, with a cookie for that host alone",
    ),
  ],
  ["3.5.5", 2, "Messages between windows", none("No postMessage is listened to.")],
  ["3.7.1", 2, "No outdated browser technology", none("HTML, CSS and JavaScript only.")],
  [
    "3.7.2",
    2,
    "Redirects stay with us",
    met(
      "auth/sign-in-attacks.db.test.ts: never leaves the firm, asked for %j",
      "http/server.test.ts: stays on its own origin wherever it is asked to go",
    ),
  ],
]);
