import type { MetricValues } from "@/lib/platform/metrics";
import type { AnyEvent } from "./catalog";

/** A person heard as often as is sent in a day, or has no way to be told: no vendor failed. */
const NO_FAULT = ["too_many", "no_way"];

/** What events add to the numbers of the house; null when nothing, as most do. */
export function numbersOf(events: readonly AnyEvent[]): MetricValues | null {
  const numbers: MetricValues = {};
  for (const event of events) {
    const name = numberOf(event);
    if (name) numbers[name] = (numbers[name] ?? 0) + 1;
  }
  return Object.keys(numbers).length > 0 ? numbers : null;
}

function numberOf(event: AnyEvent): keyof MetricValues | null {
  switch (event.type) {
    case "auth.sign_in_failed":
    case "auth.factor_failed":
      return "SignInFailures";
    case "auth.account_locked":
      return "SignInLocks";
    case "user.alerted":
      return "AlertsSent";
    case "user.alert_failed":
      return NO_FAULT.includes(event.data.problem) ? null : "AlertsFailed";
    case "evidence.refused":
      return "EvidenceRefused";
    case "ingest.run_finished":
      if (event.data.status === "partial") return "SourceRunsPartial";
      return event.data.status === "failed" ? "SourceRunsFailed" : null;
    default:
      return null;
  }
}
