import type { DomainDto, DomainProblem } from "@/lib/contracts/domains";
import { formatDay } from "./format";
import type { IconName } from "./icons";

/** What the last look for the record found instead, and what to do. */
export const DOMAIN_PROBLEM_WORDS: Record<DomainProblem, string> = {
  absent: "No such TXT record was found. A new one can take an hour to be seen everywhere.",
  other: "There is a TXT record at this name, with another value. Copy the value again.",
  unreachable: "The domain’s name servers did not answer. We ask again within the hour.",
  taken: "Another firm has proven this domain. If it is yours, take that firm’s record away at your registrar.",
};

/** The state of a domain in words, with its glyph and colour. */
export function domainState(
  { state, problem, endsAt }: DomainDto,
  timeZone: string,
  now: string,
): { icon: IconName; tone: string; words: string } {
  if (state === "subdomain") return { icon: "qualified", tone: "text-good", words: "Always yours" };
  if (state === "waiting")
    return problem === null
      ? { icon: "clock", tone: "text-ink-3", words: "Waiting for its record" }
      : { icon: "warn", tone: "text-warm", words: "Not proven yet" };
  if (problem === null) return { icon: "qualified", tone: "text-good", words: "Proven" };
  const words = endsAt ? `Record missing: stops on ${formatDay(endsAt, timeZone, now)}` : "Proven";
  return { icon: "warn", tone: "text-warm", words };
}
