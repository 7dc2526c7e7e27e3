/** What can be amiss with a firm's audit trail, the gravest first, in words for the log and the operator. docs/runbooks/audit-alarm.md says what to do. */
export const AUDIT_ALARM_WORDS = {
  broken: "a chain is broken",
  unsealed: "an event has waited more than a minute for its seal",
  head_late: "a seal has waited more than a quarter of an hour for a signed head",
  unverified: "a chain was not verified for a day and a half",
  unwatched: "nobody has looked at a chain for five minutes",
} as const;
export type AuditAlarmKind = keyof typeof AUDIT_ALARM_WORDS;

/** The kinds, the gravest first. */
export const AUDIT_ALARM_KINDS = Object.keys(AUDIT_ALARM_WORDS) as [AuditAlarmKind, ...AuditAlarmKind[]];
