import { z } from "zod";
import { text } from "@/lib/core/text";

const instant = z.string();

/** A host that belongs, or will belong, to the firm. The firm's subdomain is the first, always there and never removed (`id` null). */
export const DomainDto = z.strictObject({
  id: z.string().nullable(),
  host: z.string(),
  state: z.enum(["subdomain", "waiting", "verified"]),
  /** The TXT record that proves the domain, while it waits and after. */
  record: z.strictObject({ name: z.string(), value: z.string() }).nullable(),
  checkedAt: instant.nullable(),
  verifiedAt: instant.nullable(),
  /** What the last check found instead, in words. */
  problem: z.string().nullable(),
});
export type DomainDto = z.infer<typeof DomainDto>;

/** The reply of `GET /api/domains`. */
export const DomainList = z.strictObject({ domains: z.array(DomainDto) });
export type DomainList = z.infer<typeof DomainList>;

/** The body of `POST /api/domains`: a host name such as `leads.smithlaw.com`. */
export const AddDomain = z.strictObject({ host: text(253) });
export type AddDomain = z.infer<typeof AddDomain>;
