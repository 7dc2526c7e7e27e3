import { chapter, met, open } from "./requirement";

/** V15 Secure coding and architecture, V16 Logging and error handling. */
export const CODE_AND_LOGS = chapter([
  [
    "15.1.1",
    1,
    "Documented time to mend dependencies",
    open("Floors are tested; how soon a hole must be mended is not written down."),
  ],
  [
    "15.1.2",
    2,
    "Inventory of dependencies",
    met(
      "house/lockfile.test.ts: has a package for every optional one that a package names, so that npm ci works on every machine",
      "architecture/packages.test.ts: %s does its work in the product",
    ),
  ],
  [
    "15.1.3",
    2,
    "Documented costly functions",
    met("docs/generated.test.ts: says in every generated part what the code says now"),
  ],
  ["15.2.1", 1, "Dependencies within that time", met("house/lockfile.test.ts: holds no %s below %s")],
  [
    "15.2.2",
    2,
    "Costly functions cannot stop the rest",
    met(
      "auth/password.test.ts: turns people away rather than letting an endless line wait",
      "platform/rate-lease.db.test.ts: is refused with 429 over its limit, others of the firm are not, and it is counted for its firm",
    ),
  ],
  [
    "15.2.3",
    2,
    "Nothing extra in production",
    met(
      "architecture/packages.test.ts: %s does its work in the product",
      "sandbox/server.test.ts: refuses to start in production",
    ),
  ],
  [
    "15.3.1",
    1,
    "Only the fields that are meant",
    met(
      "auth/account-settings.db.test.ts: shows no secret",
      "tenants/export-firm.db.test.ts: holds nothing of another firm, and nothing that opens a door",
    ),
  ],
  [
    "15.3.2",
    2,
    "No redirects followed",
    met(
      "workers/http-client.test.ts: follows redirects only when asked, only so many, and never to another origin",
      "integrations/request-shim.test.ts: does not follow a redirect",
    ),
  ],
  [
    "15.3.3",
    2,
    "No field is set that is not named",
    met(
      "http/bad-input.test.ts: refuses a field called __proto__ like any other that it does not know",
      "auth/account-settings.db.test.ts: takes nothing that is not one's own to change",
    ),
  ],
  ["15.3.4", 2, "The true address of the caller", met("http/firm-gate.test.ts: counts %j as %s")],
  [
    "15.3.5",
    2,
    "Types are checked",
    met(
      "http/bad-input.test.ts: names the body when the body itself is of the wrong kind",
      "architecture/names.test.ts: takes no shortcut around the compiler, the linter or a test",
    ),
  ],
  [
    "15.3.6",
    2,
    "No prototype pollution",
    met("http/bad-input.test.ts: refuses a field called __proto__ like any other that it does not know"),
  ],
  [
    "15.3.7",
    2,
    "Repeated parameters",
    met(
      "http/body.test.ts: finds a duplicate key wherever it is, whatever strings lie around it",
      "http/problem.test.ts: reads lists repeated or with commas, and leaves out what a form sends empty",
    ),
  ],
  [
    "15.4.2",
    3,
    "Check and deed are one",
    met(
      "auth/totp.db.test.ts: lets one of twelve through who show it at once",
      "auth/users-rules.db.test.ts: stays with one of two owners who meet each other with %s at once",
      "domain/change-status.test.ts: lets one of two people who act at once win, by version",
    ),
  ],
  [
    "15.4.4",
    3,
    "Resources are shared fairly",
    met(
      "platform/rate-lease.db.test.ts: is refused with 429 over its limit, others of the firm are not, and it is counted for its firm",
      "enrichment/look-up.db.test.ts: hold under eight workers: no more calls under way than allowed, each check made once",
    ),
  ],
  [
    "16.1.1",
    2,
    "Inventory of logs",
    open(
      "Events are listed in docs/reference/events.md; where log lines are kept and for how long comes with the deployment.",
    ),
  ],
  [
    "16.2.1",
    2,
    "Who, what, when in each entry",
    met(
      "audit/list-audit.db.test.ts: lists what happened, newest first, with the names of those who acted and of whom it speaks",
    ),
  ],
  [
    "16.2.2",
    2,
    "Times in UTC",
    met("core/cron.test.ts: is counted in UTC, so that no slot is missed or doubled when Texas changes its clocks"),
  ],
  ["16.2.3", 2, "Logs go where documented", met("architecture/doors.test.ts: is used only by those on its list")],
  [
    "16.2.4",
    2,
    "One format",
    met("workers/command.test.ts: prints JSON lines where nobody is looking, and no person's name in any of them"),
  ],
  [
    "16.2.5",
    2,
    "Nothing sensitive in logs",
    met(
      "isolation/canaries.http.test.ts: no name, contact, note, password, code, cookie or key is in what the processes wrote",
      "workers/command.test.ts: prints JSON lines where nobody is looking, and no person's name in any of them",
    ),
  ],
  [
    "16.3.1",
    2,
    "Every sign-in is recorded",
    met(
      "auth/sign-in.db.test.ts: takes the password first and the code second, opens a session on the firm's host and records who came",
      "auth/second-factor.db.test.ts: counts as a wrong try of the account when it is wrong, up to its lock, and says so in the history",
    ),
  ],
  [
    "16.3.2",
    2,
    "Refused requests are recorded",
    open("Each request is a log line with its status and caller; refusals by right are not events of the firm."),
  ],
  [
    "16.3.3",
    2,
    "Security events are recorded",
    met(
      "docs/generated.test.ts: says when %s is recorded",
      "audit/alarms.db.test.ts: is one line of the log for each alarm, with a name to search for, the firm and for how long",
    ),
  ],
  [
    "16.3.4",
    2,
    "Unexpected errors are recorded",
    met("http/problem.test.ts: says one fixed sentence for what nobody expected"),
  ],
  [
    "16.4.1",
    2,
    "Nothing can be written into a log",
    met("workers/command.test.ts: prints JSON lines where nobody is looking, and no person's name in any of them"),
  ],
  [
    "16.4.2",
    2,
    "Logs cannot be changed",
    met(
      "isolation/catalogue.test.ts: keeps history: the app can add to it, and neither change nor remove any of it",
      "audit/verify-chain.db.test.ts: when an event was deleted together with its seal",
    ),
  ],
  [
    "16.4.3",
    2,
    "Logs are kept elsewhere too",
    open("The heads of the chains are; shipping the events and log lines comes with the deployment."),
  ],
  [
    "16.5.1",
    2,
    "One sentence for what nobody expected",
    met("http/problem.test.ts: says one fixed sentence for what nobody expected"),
  ],
  [
    "16.5.2",
    2,
    "Outside failures do not stop us",
    met(
      "enrichment/look-up.db.test.ts: that is down is tried with one call at a time until it answers",
      "http/problem.test.ts: answers 503 with Retry-After while the database is away, and keeps nothing",
    ),
  ],
  [
    "16.5.3",
    2,
    "Failures fail closed",
    met(
      "auth/sign-in.db.test.ts: fails closed when the limits cannot be asked, at either step",
      "isolation/scope-policies.db.test.ts: shows nothing at all when a limit cannot be read",
      "platform/jwt.test.ts: are missed by name: without them nothing is signed and nothing is let in",
    ),
  ],
  [
    "16.5.4",
    3,
    "A last resort for errors",
    met(
      "http/problem.test.ts: says one fixed sentence for what nobody expected",
      "http/server.test.ts: answers a path that does not decode, or a method nobody has, with a problem and never with a fault",
    ),
  ],
]);
