import { chapter, met, none, open } from "./requirement";

/** V6 Authentication. */
export const AUTHENTICATION = chapter([
  [
    "6.1.1",
    1,
    "Documented defence against guessing",
    met(
      "docs/generated.test.ts: says in every generated part what the code says now",
      "platform/rate-limit.db.test.ts: gives every limit a reason and what it protects",
    ),
  ],
  [
    "6.1.2",
    2,
    "Documented words that make poor passwords",
    met("core/password-rules.test.ts: is more than the names of the firm, the person, their e-mail or ours"),
  ],
  [
    "6.1.3",
    2,
    "Documented ways in, equally strong",
    met(
      "docs/decisions.test.ts: says of every decision its context, its choice, what follows and what it does not fix",
    ),
  ],
  [
    "6.2.1",
    1,
    "Passwords of a least length",
    met("core/password-rules.test.ts: needs 12 characters, an emoji being one of them"),
  ],
  [
    "6.2.2",
    1,
    "People change their password",
    met(
      "auth/account-settings.db.test.ts: is changed by who knows it; every other session ends with its next request, this one stays",
    ),
  ],
  [
    "6.2.3",
    1,
    "Changing needs the present password",
    met(
      "auth/account-settings.db.test.ts: stays without the present one, and each wrong try counts, whatever else comes of the request",
    ),
  ],
  [
    "6.2.4",
    1,
    "None of the common passwords",
    met("core/password-rules.test.ts: is none of the known ones, however it is dressed up"),
  ],
  ["6.2.5", 1, "Any characters, none demanded", met("core/password-rules.test.ts: needs no digits, capitals or signs")],
  ["6.2.6", 1, "Passwords are masked", met("browser/session.test.ts: shows the password only while it is asked to")],
  [
    "6.2.7",
    1,
    "Paste and password managers work",
    open("Nothing of ours refuses pasting or hides a field from a password manager; no test pastes."),
  ],
  [
    "6.2.8",
    1,
    "Compared exactly as typed",
    met(
      "auth/account-join.db.test.ts: signs in with the password as typed, spaces and accents included",
      "auth/password.test.ts: looks at the whole password, and refuses to store one over 1 kB",
    ),
  ],
  ["6.2.9", 2, "At least 64 characters allowed", met("core/password-rules.test.ts: may be long, up to 1 kB")],
  ["6.2.10", 2, "No forced change by time", none("Nothing ends a password by time.")],
  [
    "6.2.11",
    2,
    "Words of the firm and person refused",
    met("core/password-rules.test.ts: is more than the names of the firm, the person, their e-mail or ours"),
  ],
  [
    "6.2.12",
    2,
    "None of the breached passwords",
    met("core/password-rules.test.ts: is none of the known ones, however it is dressed up"),
  ],
  [
    "6.3.1",
    1,
    "Guessing is stopped as documented",
    met(
      "auth/sign-in.db.test.ts: counts a try before it looks at the password, so tries at once are all counted",
      "auth/sign-in.db.test.ts: never lets more than a hundred wrong tries through before a day's wait",
      "auth/second-factor.db.test.ts: may be wrong five times, then the attempt is void for the right one too",
    ),
  ],
  [
    "6.3.2",
    1,
    "No default accounts",
    met(
      "tenants/create-firm.db.test.ts: has its address, an invited owner with a link that works once it is opened there, and its first two events",
      "scripts/plan.test.ts: makes up no secrets in production",
    ),
  ],
  [
    "6.3.3",
    2,
    "A second factor for everybody",
    met(
      "auth/sign-in.db.test.ts: writes no session before the second factor was shown",
      "http/operator-firms.test.ts: is asked for beside the token: neither opens alone",
    ),
  ],
  [
    "6.3.4",
    2,
    "Every way in is as strong",
    met(
      "auth/account-recover.db.test.ts: changes the password and nothing else: no session is opened, every open one ends, the factor is still asked for",
      "auth/users-next-request.db.test.ts: of a reset let nobody in with one factor: neither the old one nor the password is enough any more",
    ),
  ],
  [
    "6.3.8",
    3,
    "Nobody learns who has an account",
    met(
      "auth/sign-in-told.db.test.ts: is the same for everybody: unknown, wrong, disabled, locked, invited, another firm's, without a factor, and right",
      "auth/sign-in-told.db.test.ts: takes as long for an unknown name as for a wrong and for a right password",
      "auth/account-join.db.test.ts: is answered alike, whatever is wrong with it",
    ),
  ],
  [
    "6.4.1",
    1,
    "First secrets are random and short-lived",
    met(
      "auth/account-links.db.test.ts: to %s lives %i ms and no longer",
      "auth/account-links.db.test.ts: is found as often as one looks, and spent once, by one of many",
    ),
  ],
  ["6.4.2", 1, "No hints, no secret questions", none("There are none.")],
  [
    "6.4.3",
    2,
    "Recovery does not pass the second factor by",
    met(
      "auth/account-recover.db.test.ts: changes the password and nothing else: no session is opened, every open one ends, the factor is still asked for",
      "browser/doors.test.ts: sets a new password and nothing else: the code is asked for as before",
    ),
  ],
  [
    "6.4.4",
    2,
    "A lost factor needs proof of the person",
    met(
      "auth/account-recover.db.test.ts: opens nothing without the password, and counts the wrong one like one at the door",
      "auth/users.db.test.ts: resets a lost factor: none is left, sessions end, and a link of a day asks for a new one",
    ),
  ],
  [
    "6.5.1",
    2,
    "Codes work once",
    met(
      "auth/totp.db.test.ts: counts once, and takes every older one with it",
      "auth/second-factor.db.test.ts: signs in once, however it is typed, and the history says how many are left",
    ),
  ],
  [
    "6.5.2",
    2,
    "Recovery codes are hashed",
    met("auth/second-factor.db.test.ts: rests as a keyed digest of its own user"),
  ],
  [
    "6.5.3",
    2,
    "Secrets come from a secure generator",
    met(
      "auth/totp.db.test.ts: has a secret of 160 bits, another one each time, with the firm and the person in what is scanned",
      "auth/second-factor.db.test.ts: is one of ten, 80 bits in groups of four, with no letter that looks like another",
    ),
  ],
  [
    "6.5.4",
    2,
    "Recovery codes have entropy",
    met(
      "auth/second-factor.db.test.ts: is one of ten, 80 bits in groups of four, with no letter that looks like another",
    ),
  ],
  [
    "6.5.5",
    2,
    "Codes live shortly",
    met("auth/totp.db.test.ts: counts in its thirty seconds and in those before and after, not further away"),
  ],
  ["6.6.1", 2, "Codes over the telephone network", none("None are sent.")],
  ["6.6.2", 2, "Out-of-band codes belong to their request", none("None are sent.")],
  ["6.6.3", 2, "Out-of-band codes cannot be guessed", none("None are sent.")],
  ["6.8.1", 2, "Identities of several providers", none("No identity provider: everybody signs in here.")],
  ["6.8.2", 2, "Signatures of assertions", none("No identity provider: everybody signs in here.")],
  ["6.8.3", 2, "SAML assertions once", none("No identity provider: everybody signs in here.")],
  ["6.8.4", 2, "Strength told by a provider", none("No identity provider: everybody signs in here.")],
]);
