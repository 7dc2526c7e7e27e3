import type { Fault } from "../http/faults";

export type KickboxVerdict = {
  result: "deliverable" | "undeliverable" | "risky" | "unknown";
  reason: string;
  sendex: number;
  flags?: { role?: true; free?: true; disposable?: true; accept_all?: true };
  didYouMean?: string;
};
export type KickboxOutcome = KickboxVerdict | { status: 403; message: string } | { fault: Fault };

/**
 * What is said about an address, by its local part or its `+tag`, on any domain. The first group is Kickbox's own sandbox list
 * (docs.kickbox.com/docs/sandbox-api, read 2026-11); the second is ours, for faults. Everything else is deliverable.
 */
export const KICKBOX_OUTCOMES: Readonly<Record<string, KickboxOutcome>> = {
  deliverable: { result: "deliverable", reason: "accepted_email", sendex: 1 },
  "rejected-email": { result: "undeliverable", reason: "rejected_email", sendex: 0 },
  "invalid-domain": { result: "undeliverable", reason: "invalid_domain", sendex: 0 },
  "invalid-email": { result: "undeliverable", reason: "invalid_email", sendex: 0 },
  "invalid-smtp": { result: "undeliverable", reason: "invalid_smtp", sendex: 0 },
  "low-quality": { result: "risky", reason: "low_quality", sendex: 0.5, flags: { free: true } },
  "low-deliverability": { result: "risky", reason: "low_deliverability", sendex: 0.4 },
  "accept-all": { result: "risky", reason: "low_deliverability", sendex: 0.7, flags: { accept_all: true } },
  role: { result: "risky", reason: "low_quality", sendex: 0.7, flags: { role: true } },
  disposable: { result: "risky", reason: "low_quality", sendex: 0, flags: { disposable: true, accept_all: true } },
  timeout: { result: "unknown", reason: "timeout", sendex: 0 },
  "unexpected-error": { result: "unknown", reason: "unexpected_error", sendex: 0 },
  "no-connect": { result: "unknown", reason: "no_connect", sendex: 0 },
  "unavailable-smtp": { result: "unknown", reason: "unavailable_smtp", sendex: 0 },
  "did-you-mean": {
    result: "undeliverable",
    reason: "rejected_email",
    sendex: 0,
    didYouMean: "did-you-mean@example.com",
  },
  "insufficient-balance": { status: 403, message: "Insufficient balance" },

  "fault-throttle": { fault: { kind: "throttle", retryAfterSeconds: 1 } },
  "fault-error": { fault: { kind: "error" } },
  "fault-unavailable": { fault: { kind: "unavailable", retryAfterSeconds: 2 } },
  "fault-slow": { fault: { kind: "slow" } },
  "fault-garbage": { fault: { kind: "garbage" } },
  "fault-reset": { fault: { kind: "reset" } },
  "fault-truncate": { fault: { kind: "truncate" } },
  "fault-huge": { fault: { kind: "huge" } },
};

export const DEFAULT_KICKBOX_VERDICT: KickboxVerdict = { result: "deliverable", reason: "accepted_email", sendex: 1 };
