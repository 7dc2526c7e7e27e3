import { INGEST_MAX_BYTES, INGEST_MAX_LEADS } from "@/lib/contracts/ingest";
import { PROVIDERS } from "@/lib/contracts/providers";
import { PASSWORD_MAX_BYTES } from "@/lib/core/password-length";
import { LOCK_STEPS } from "@/lib/domain/auth/lockout";
import { SESSION_IDLE_MS, SESSION_MAX_MS } from "@/lib/domain/auth/session-rules";
import { OBSERVE_AFTER_MS } from "@/lib/domain/leads/observe-schedule";
import { DEFAULT_MAX_BYTES as BODY_MAX_BYTES } from "@/lib/http/read-json";
import { SCHEDULES } from "@/lib/jobs/schedules";
import { ENCRYPTED_COLUMNS } from "@/lib/platform/crypto";
import { AT_ONCE_LIMITS, RATE_LIMITS, type RateRule } from "@/lib/platform/rate-table";
import { VENDOR_PACES, VENDOR_PLACES } from "@/lib/platform/vendor-pace";
import { duration, table } from "./table";

const bytes = (count: number): string => `${count.toLocaleString("en-US")} bytes`;

/** What is refused for its size or its age. */
export const sizeLimits = (): string =>
  table(
    ["what", "limit"],
    [
      ["body of `POST /api/leads/ingest`", bytes(INGEST_MAX_BYTES)],
      ["body of every other route", bytes(BODY_MAX_BYTES)],
      ["leads in one batch", INGEST_MAX_LEADS.toLocaleString("en-US")],
      ["password", bytes(PASSWORD_MAX_BYTES)],
      ["session without a request", duration(SESSION_IDLE_MS)],
      ["session at all", duration(SESSION_MAX_MS)],
      ["waits between looks at one form that shows nothing new", OBSERVE_AFTER_MS.map(duration).join(", ")],
    ],
  );

/** The limits that are counted in Postgres. `block`: taken so many at once, and given out in the process. */
export const rateLimits = (): string =>
  table(
    ["limit", "points", "in", "protects", "store away", "why"],
    Object.entries(RATE_LIMITS).map(([name, rule]) => {
      const { points, durationSeconds, protects, whenAway, reason }: RateRule = rule;
      const block = "block" in rule ? `, in blocks of ${rule.block}` : "";
      const count = `${points.toLocaleString("en-US")}${block}`;
      return [`\`${name}\``, count, duration(durationSeconds * 1000), protects, whenAway, reason];
    }),
  );

/** What a firm may have under way at the same time. */
export const atOnceLimits = (): string =>
  table(
    ["limit", "at once", "protects", "why"],
    Object.entries(AT_ONCE_LIMITS).map(([name, { atOnce, protects, reason }]) => [
      `\`${name}\``,
      String(atOnce),
      protects,
      reason,
    ]),
  );

/** How fast connected services are asked, and how many calls of them are under way at once. */
export const vendorPaces = (): string =>
  table(
    ["pace", "calls", "in", "at once", "counted for", "why"],
    [
      ...Object.entries(VENDOR_PACES).map(([name, { points, perMs, burst, scope, reason }]) => [
        `\`${name}\``,
        points.toLocaleString("en-US"),
        duration(perMs),
        burst.toLocaleString("en-US"),
        scope,
        reason,
      ]),
      ...Object.entries(VENDOR_PLACES).map(([name, { atOnce, scope, reason }]) => [
        `\`${name}\``,
        "",
        "",
        `${atOnce} under way`,
        scope,
        reason,
      ]),
    ],
  );

/** How long an account is shut after wrong tries in a row. */
export const lockSteps = (): string =>
  table(
    ["wrong tries in a row", "shut for"],
    LOCK_STEPS.map(({ wrongTries, minutes }) => [String(wrongTries), duration(minutes * 60_000)]),
  );

/** What a firm may ask of each provider, and how long an answer is used. */
export const providerLimits = (): string =>
  table(
    ["provider", "checks", "calls a day", "calls at once", "an answer is used for", 'a "cannot tell" for'],
    Object.values(PROVIDERS).map(({ label, kind, dailyLimit, concurrencyLimit, freshForMs, unsureForMs }) => [
      label,
      kind,
      dailyLimit.toLocaleString("en-US"),
      String(concurrencyLimit),
      duration(freshForMs),
      duration(unsureForMs),
    ]),
  );

/** What runs by the clock. */
export const schedules = (): string =>
  table(
    ["schedule", "cron (UTC)", "why"],
    Object.entries(SCHEDULES).map(([name, { cron, why }]) => [`\`${name}\``, `\`${cron}\``, why]),
  );

/** The columns whose values are ciphertext. */
export const encryptedColumns = (): string =>
  table(
    ["table", "column"],
    ENCRYPTED_COLUMNS.map(({ table: name, column }) => [`\`${name}\``, `\`${column}\``]),
  );
