import { z } from "zod";
import { KEY_SCOPES } from "@/lib/core/key-scope";
import { visibleText } from "@/lib/core/text";

const instant = z.string();

/** How many keys of a firm work at the same time; one that was rotated out and still works for a while is not counted. */
export const MAX_ACTIVE_KEYS = 50;

/** An API key without its secret. `prefix` is what a person recognises it by: `arl_live_<kid>`. */
export const ApiKeyDto = z.strictObject({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(KEY_SCOPES)),
  state: z.enum(["active", "expired", "revoked"]),
  createdAt: instant,
  createdBy: z.string().nullable(),
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
  /** The key that took over when this one was rotated. */
  replacedBy: z.string().nullable(),
});
export type ApiKeyDto = z.infer<typeof ApiKeyDto>;

/** The reply of `GET /api/keys`: active ones first, newest first; pages by `cursor`. */
export const ApiKeyPage = z.strictObject({ keys: z.array(ApiKeyDto), nextCursor: z.string().nullable() });
export type ApiKeyPage = z.infer<typeof ApiKeyPage>;

/** The query of `GET /api/keys`. */
export const ApiKeyPageQuery = z.strictObject({
  limit: z.int().min(1).max(200).default(100),
  cursor: z.string().max(1000).optional(),
});
export type ApiKeyPageQuery = z.infer<typeof ApiKeyPageQuery>;

/** The body of `POST /api/keys`. `expiresInDays` null = does not expire. */
export const CreateApiKey = z.strictObject({
  name: visibleText(80),
  scopes: z.array(z.enum(KEY_SCOPES)).min(1, "must name at least one scope").max(KEY_SCOPES.length),
  expiresInDays: z.int().min(1).max(730).nullable().default(365),
});
export type CreateApiKey = z.infer<typeof CreateApiKey>;

/** A new key with its text, which is shown this once and stored nowhere. */
export const NewApiKey = z.strictObject({ key: ApiKeyDto, text: z.string() });
export type NewApiKey = z.infer<typeof NewApiKey>;

/** The body of `POST /api/keys/{id}/rotate`: the old key works on for so long. */
export const RotateApiKey = z.strictObject({ overlapHours: z.int().min(0).max(168).default(24) });
export type RotateApiKey = z.infer<typeof RotateApiKey>;
