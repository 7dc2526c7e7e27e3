import { z } from "zod";
import { text } from "@/lib/core/text";

const instant = z.string();

/** What the last look for a domain's record came to, when it was not there; the words are in lib/ui/domain-words.ts. */
export const DOMAIN_PROBLEMS = ["absent", "other", "unreachable", "taken"] as const;
export type DomainProblem = (typeof DOMAIN_PROBLEMS)[number];

/** A host that belongs, or will belong, to the firm. The firm's subdomain is the first, always there and never removed (`id` null). */
export const DomainDto = z.strictObject({
  id: z.string().nullable(),
  host: z.string(),
  state: z.enum(["subdomain", "waiting", "verified"]),
  /** The TXT record that proves the domain, while it waits and after. */
  record: z.strictObject({ name: z.string(), value: z.string() }).nullable(),
  checkedAt: instant.nullable(),
  verifiedAt: instant.nullable(),
  /** No such record, one with another value, no answer from the name servers, or proven by another firm. */
  problem: z.enum(DOMAIN_PROBLEMS).nullable(),
  /** A verified domain whose record stays gone stops answering then. */
  endsAt: instant.nullable(),
});
export type DomainDto = z.infer<typeof DomainDto>;

/** The reply of `GET /api/domains`. */
export const DomainList = z.strictObject({ domains: z.array(DomainDto) });
export type DomainList = z.infer<typeof DomainList>;

/** The body of `POST /api/domains`: a host name such as `leads.smithlaw.com`. */
export const AddDomain = z.strictObject({ host: text(253) });
export type AddDomain = z.infer<typeof AddDomain>;

/** The body of `PATCH /api/domains/{id}`: look for its record now. The reply says what was found. */
export const VerifyDomain = z.strictObject({ state: z.literal("verified") });
export type VerifyDomain = z.infer<typeof VerifyDomain>;
