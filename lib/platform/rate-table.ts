/** One limit: so many points in so long, counted per subject (an address, an account, a key, a firm). */
export type RateRule = {
  points: number;
  durationSeconds: number;
  /** What is counted, by the word before the dot, and for whom. */
  protects: string;
  reason: string;
  /**
   * What happens when the store cannot be asked. `refuse`: nothing behind the limit is even begun, so that an outage opens no door. `503`: the request
   * could not have been answered anyway.
   */
  whenAway: "refuse" | "503";
  /** Points that a process takes at once and then gives out by itself: see rate-lease.ts. Without it every request is counted in the store. */
  block?: number;
};

/** Every limit of the house, with its reason. Counted in Postgres, so it holds across processes. */
export const RATE_LIMITS = {
  "sign-in.account": {
    points: 20,
    durationSeconds: 15 * 60,
    protects: "signing in, per account name",
    reason: "A person mistypes a few times; a guesser needs thousands. Also counts names that do not exist.",
    whenAway: "refuse",
  },
  "sign-in.address": {
    points: 60,
    durationSeconds: 60,
    protects: "signing in, per address",
    reason: "A whole office behind one address may mistype at once; one machine must not try a list of passwords.",
    whenAway: "refuse",
  },
  "sign-in.firm": {
    points: 300,
    durationSeconds: 60,
    protects: "signing in, per firm",
    reason: "Tries spread over many addresses still show at the firm, and hashing them would starve everyone's pages.",
    whenAway: "refuse",
  },
  "sign-in.attempt": {
    points: 5,
    durationSeconds: 15 * 60,
    protects: "second factors, per attempt to sign in",
    reason: "After five wrong codes the password has to be typed again, which its own limits count.",
    whenAway: "refuse",
  },
  "passkey.challenge": {
    points: 30,
    durationSeconds: 5 * 60,
    protects: "challenges for passkeys, per attempt to sign in or session",
    reason: "A browser asks for one each time its dialog opens; each is a write.",
    whenAway: "refuse",
  },
  "step-up.session": {
    points: 5,
    durationSeconds: 5 * 60,
    protects: "showing the second factor again, per session",
    reason: "A person mistypes once or twice; whoever found the session open knows no code.",
    whenAway: "refuse",
  },
  "step-up.user": {
    points: 20,
    durationSeconds: 60 * 60,
    protects: "showing the second factor again, per user",
    reason:
      "Whoever sits down at an open session has twenty codes of a million to try in an hour. A locked account does not shut step-up, so this does.",
    whenAway: "refuse",
  },
  "link.address": {
    points: 30,
    durationSeconds: 60,
    protects: "opening one-time links, per address",
    reason: "A link is opened once or twice; its secret cannot be guessed, and trying must not keep the database busy.",
    whenAway: "refuse",
  },
  "calendar.address": {
    points: 120,
    durationSeconds: 60,
    protects: "reading calendar feeds, per address",
    reason:
      "Calendar programs read every few minutes to hours, and the services among them read for many people from one address; a secret of 32 bytes cannot be guessed, and trying must not keep the database busy.",
    whenAway: "503",
  },
  "operator.address": {
    points: 10,
    durationSeconds: 60,
    protects: "the operator's page, per address",
    reason: "The operator's token is pasted, not guessed: ten tries a minute are plenty.",
    whenAway: "refuse",
  },
  "operator.code": {
    points: 10,
    durationSeconds: 15 * 60,
    protects: "the operator's code beside the right token, per platform over all addresses",
    reason:
      "Whoever got hold of the token must not find the code by trying from many places; a right code does not count.",
    whenAway: "refuse",
  },
  "invitation.firm": {
    points: 60,
    durationSeconds: 60 * 60,
    protects: "invitations and recovery links, per firm",
    reason: "A new office of fifty joins in one morning; a stolen session must not mint doors by the hundred.",
    whenAway: "refuse",
  },
  "alert-code.user": {
    points: 5,
    durationSeconds: 60 * 60,
    protects: "codes to a phone for alerts, per user",
    reason:
      "A person mistypes a number or waits for a text; each one costs money and reaches a phone that may be a stranger's.",
    whenAway: "refuse",
  },
  "alert-code.firm": {
    points: 30,
    durationSeconds: 60 * 60,
    protects: "codes to a phone for alerts, per firm",
    reason: "A new office sets its phones up in one morning; a stolen session must not text the town.",
    whenAway: "refuse",
  },
  "alert-code.phone": {
    points: 3,
    durationSeconds: 60 * 60,
    protects: "codes to one phone, per number over all firms",
    reason:
      "Whoever waits for a text asks once or twice more; the phone may be a stranger's, whom several accounts of several firms must not wake in turn.",
    whenAway: "refuse",
  },
  "alert-code.phone-day": {
    points: 6,
    durationSeconds: 24 * 60 * 60,
    protects: "codes to one phone in a day, per number over all firms",
    reason:
      "A phone is set up once; a stranger must not get three texts in each hour of the day. The price: any user of any firm who asks six times for a number that is not theirs keeps everybody from setting it up for a day. Whoever asked is in the history of their firm.",
    whenAway: "refuse",
  },
  "key-change.firm": {
    points: 60,
    durationSeconds: 60 * 60,
    protects: "making and rotating API keys, per firm",
    reason: "A firm has at most fifty keys, so it can replace each of them in an hour; more is a script gone wrong.",
    whenAway: "refuse",
  },
  "domain-check.firm": {
    points: 30,
    durationSeconds: 10 * 60,
    protects: "adding and checking domains, per firm",
    reason: "Each check asks name servers outside; whoever waits for DNS looks every minute, not every second.",
    whenAway: "503",
  },
  "connect.firm": {
    points: 30,
    durationSeconds: 10 * 60,
    protects: "beginning to connect a service, per firm",
    reason:
      "A person tries a key or a consent page a few times; a script must not try keys of other people's accounts through us.",
    whenAway: "refuse",
  },
  "audit-export.firm": {
    points: 30,
    durationSeconds: 60 * 60,
    protects: "exports of the audit trail, per firm",
    reason: "An auditor takes it in a handful of pieces; each reads the whole trail of its days.",
    whenAway: "503",
  },
  "evidence-megabytes.firm": {
    points: 10_000,
    durationSeconds: 24 * 60 * 60,
    protects: "megabytes of files to keep with leads, per firm",
    reason:
      "Twice all that a firm may keep fits into one day. What is removed again stays in the bucket for a week and counts towards nothing there, so sending and removing in turn must end.",
    whenAway: "503",
  },
  "sync-now.firm": {
    points: 20,
    durationSeconds: 10 * 60,
    protects: "syncing a connected service at once, per firm",
    reason: "Each asks another service for everything that is new; whoever waits for something asks a few times.",
    whenAway: "503",
  },
  "webhook.connection": {
    points: 300,
    durationSeconds: 60,
    protects: "webhooks that a firm's own account signs, per connection",
    reason:
      "A busy day tells of a few changes a minute; whoever holds the secret of their own account must not fill what all firms share. What is beyond it is answered, and found by the next comparison.",
    whenAway: "503",
  },
  "webhook-failed.address": {
    points: 600,
    durationSeconds: 60,
    protects: "webhooks that prove nothing, per address",
    reason:
      "Services send for many firms from one address, some of which have left; a right one is never counted, and guessing needs far more.",
    whenAway: "503",
  },
  "api.key": {
    points: 6000,
    durationSeconds: 60,
    protects: "the API, per key",
    reason:
      "A scraper posts a batch of 1,000 leads in about a second and many small reports: a hundred a second is ten times that, and far from what would hold up others.",
    whenAway: "503",
    block: 100,
  },
  "api.session": {
    points: 1200,
    durationSeconds: 60,
    protects: "the API, per session of a person",
    reason: "Nobody clicks twenty times a second; a page gone wild in a loop does.",
    whenAway: "503",
    block: 20,
  },
  "api.firm": {
    points: 18_000,
    durationSeconds: 60,
    protects: "the API, per firm over all its keys and sessions",
    reason:
      "Three busy keys and an office at work fit; fifty keys at once would take the machine from the other firms.",
    whenAway: "503",
    block: 300,
  },
  "service.issuer": {
    points: 600,
    durationSeconds: 60,
    protects: "internal routes, per service",
    reason: "Schedules send a handful of slots a minute; a scheduler in a loop must not fill the queue.",
    whenAway: "503",
  },
} as const satisfies Record<string, RateRule>;

/** What a firm may have under way at the same time, counted by locks of the database that end with the work, however it ends. */
export const AT_ONCE_LIMITS = {
  "lead-export.firm": {
    atOnce: 3,
    protects: "exports of leads, per firm",
    reason: "Each holds a database connection for as long as its reader reads; a firm must not hold them all.",
  },
} as const;
