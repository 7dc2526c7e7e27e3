import { chapter, met, open } from "./requirement";

/** V13 Configuration, V14 Data protection. */
export const CONFIGURATION_AND_DATA = chapter([
  [
    "13.1.1",
    2,
    "Documented connections",
    met(
      "house/env-example.test.ts: names in .env.example every setting that the code reads, and no other",
      "architecture/doors.test.ts: is used only by those on its list",
    ),
  ],
  [
    "13.1.2",
    3,
    "Documented limits of connections",
    met("docs/generated.test.ts: says in every generated part what the code says now"),
  ],
  [
    "13.2.1",
    2,
    "Our services authenticate",
    met(
      "http/service-tokens.test.ts: does not know nobody, keys, sessions and forged tokens",
      "scripts/embedded-postgres.test.ts: listens on this machine alone, and asks for a password that nobody else can read",
    ),
  ],
  [
    "13.2.2",
    2,
    "With the least rights",
    met(
      "isolation/catalogue.test.ts: gives the run-time roles no way round: no superuser, no BYPASSRLS, no ownership, no right to make things",
      "isolation/catalogue.test.ts: lets the server start with the app's role, and refuses one that could see past its firm",
    ),
  ],
  ["13.2.3", 2, "No default credentials", met("scripts/plan.test.ts: makes up no secrets in production")],
  [
    "13.2.4",
    2,
    "A list of outside systems",
    met("architecture/doors.test.ts: is used only by those on its list", "http/server.test.ts: says why and ends, %s"),
  ],
  [
    "13.2.5",
    2,
    "A list of what the server may call",
    open("The code calls only what its settings name; a firewall that says the same comes with the deployment."),
  ],
  [
    "13.3.1",
    2,
    "A store for secrets",
    open("Secrets are settings of the process; a secret manager comes with the deployment."),
  ],
  [
    "13.3.2",
    2,
    "Least access to secrets",
    met(
      "architecture/imports.test.ts: is kept by every file",
      "architecture/doors.test.ts: is used only by those on its list",
    ),
  ],
  [
    "13.3.4",
    3,
    "Secrets end and are exchanged",
    met(
      "platform/jwt.test.ts: change without a refused call: the new one signs, the old one still verifies, and is refused once it is taken out",
      "auth/api-keys.db.test.ts: makes one with the same name, scopes and length of life; the old one works until the overlap is over",
    ),
  ],
  [
    "13.4.1",
    1,
    "No source control in what is served",
    open("The packed server holds no .git; a test of the deployed bundle comes with it."),
  ],
  [
    "13.4.2",
    2,
    "No debugging in production",
    met(
      "sandbox/server.test.ts: refuses to start in production",
      "http/problem.test.ts: says one fixed sentence for what nobody expected",
    ),
  ],
  ["13.4.3", 2, "No directory listings", open("Next serves no folder listings; no test asks for one.")],
  [
    "13.4.4",
    2,
    "No TRACE",
    met(
      "http/server.test.ts: answers a path that does not decode, or a method nobody has, with a problem and never with a fault",
    ),
  ],
  [
    "13.4.5",
    2,
    "Monitoring is not public",
    met("http/problem.test.ts: shows the details to operators only, and is shut when no token is set"),
  ],
  [
    "14.1.1",
    2,
    "Documented kinds of sensitive data",
    met("architecture/encrypted-columns.test.ts: lists every column that holds ciphertext, and no other"),
  ],
  [
    "14.1.2",
    2,
    "Documented protection of each kind",
    open("docs/security.md names the assets and their controls; no schedule of retention for each kind yet."),
  ],
  [
    "14.2.1",
    1,
    "Nothing secret in an address",
    met(
      "http/credentials.test.ts: refuses a key in the address, even beside a good one",
      "http/service-tokens.test.ts: refuses two credentials in one request, and a token in the address",
    ),
  ],
  [
    "14.2.2",
    2,
    "Nothing sensitive in shared caches",
    met("http/server.test.ts: protects every kind of reply once, and lets no cache keep a firm's page"),
  ],
  [
    "14.2.3",
    2,
    "Nothing to trackers",
    met("http/server.test.ts: gives each page a policy with a nonce of its own, which its scripts carry"),
  ],
  [
    "14.2.4",
    2,
    "Protection as documented",
    met(
      "architecture/encrypted-columns.test.ts: stores no contact in the clear: a value is a ciphertext beside a keyed digest",
      "http/idempotency.test.ts: keeps a reply sealed: what it says of a person rests nowhere in the clear",
    ),
  ],
  [
    "14.2.6",
    3,
    "Only the data that is needed",
    met(
      "auth/account-settings.db.test.ts: shows no secret",
      "enrichment/look-up.db.test.ts: keeps the part before the @ of a suggested address out of the result",
    ),
  ],
  [
    "14.2.7",
    3,
    "Data go when their time is over",
    open(
      "Stored replies, sessions, attempts and raw pages go by age, a firm by command; retention of leads by age is not built.",
    ),
  ],
  [
    "14.3.1",
    1,
    "Nothing left in the browser afterwards",
    met("browser/session.test.ts: that is signed out in one tab is over in every other, and the door leads back"),
  ],
  [
    "14.3.2",
    2,
    "Nothing is cached",
    met("http/server.test.ts: protects every kind of reply once, and lets no cache keep a firm's page"),
  ],
  [
    "14.3.3",
    2,
    "Nothing sensitive in browser storage",
    open(
      "The e-mail typed at the door is kept in sessionStorage for the code page; no test looks at the storage as a whole.",
    ),
  ],
]);
