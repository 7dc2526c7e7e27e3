import { z } from "zod";
import { isTimeZone } from "@/lib/core/local-time";
import { isOneLine, text, visibleText } from "@/lib/core/text";

const instant = z.string();

/** `suspended` and `closed`: nobody and no key gets in. A closed firm is erased after its time. */
export const FIRM_STATES = ["active", "suspended", "closed"] as const;
export type FirmState = (typeof FIRM_STATES)[number];

/** A firm as whoever runs the platform sees it: nothing of its data but how many people it has. */
export const FirmDto = z.strictObject({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  url: z.string(),
  state: z.enum(FIRM_STATES),
  /** Why it was suspended. */
  reason: z.string().nullable(),
  stateSince: instant.nullable(),
  /** From when a closed firm may be erased. */
  eraseAfter: instant.nullable(),
  users: z.int(),
  createdAt: instant,
});
export type FirmDto = z.infer<typeof FirmDto>;

/** A page of firms, by slug. */
export const FirmPage = z.strictObject({ firms: z.array(FirmDto), nextCursor: z.string().nullable() });
export type FirmPage = z.infer<typeof FirmPage>;

/** Who is to run a firm: invited by a one-time link, since nobody is in it yet. */
export const FirmOwner = z.strictObject({ email: text(254), name: visibleText(120) });
export type FirmOwner = z.infer<typeof FirmOwner>;

/** The body of `POST /operator/firms/create`. `slug` is the first label of the firm's address. */
export const CreateFirm = z.strictObject({
  slug: text(63),
  name: visibleText(120).refine(isOneLine, "must be one line"),
  timeZone: z
    .string()
    .max(60)
    .refine(isTimeZone, "must be a time zone such as America/Chicago")
    .default("America/Chicago"),
  owner: FirmOwner,
});
export type CreateFirm = z.infer<typeof CreateFirm>;

/** A firm that was made, with its owner's one-time link, shown this once. `isNew` is false when only the link is. */
export const CreatedFirm = z.strictObject({
  slug: z.string(),
  url: z.string(),
  link: z.string(),
  expiresAt: instant,
  isNew: z.boolean(),
});
export type CreatedFirm = z.infer<typeof CreatedFirm>;

/** The body of `POST /operator/firms/state`. */
export const ChangeFirmState = z.discriminatedUnion("to", [
  z.strictObject({ slug: text(63), to: z.literal("suspended"), reason: visibleText(300) }),
  z.strictObject({ slug: text(63), to: z.literal("active") }),
]);
export type ChangeFirmState = z.infer<typeof ChangeFirmState>;
