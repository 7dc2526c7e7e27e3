import { AppError } from "@/lib/core/errors";
import { type ApiKeyParts, parseApiKey } from "@/lib/core/secret";

/** What a request shows of itself: nothing, text that is no key of ours, or a key that still has to be proven. */
export type ShownKey = { kind: "none" } | { kind: "garbage" } | { kind: "key"; parts: ApiKeyParts };

const KEY_PARAMETERS = new Set(["api_key", "apikey", "api-key", "x-api-key", "key", "access_token", "token"]);

/**
 * The key of a request, from `Authorization: Bearer` or `X-API-Key`. Two different credentials in one request are refused, because two readers
 * could each believe another one; so is a key in the address, which ends up in logs and histories.
 */
export function shownKey(request: Request): ShownKey {
  for (const [name, value] of new URL(request.url).searchParams) {
    if (KEY_PARAMETERS.has(name.toLowerCase()) || value.includes("arl_live_")) {
      throw new AppError("invalid_request", "Send the key in a header, never in the address. Replace this key now.");
    }
  }
  const authorization = request.headers.get("authorization");
  const header = request.headers.get("x-api-key")?.trim();
  const bearer = authorization === null ? undefined : (bearerOf(request) ?? "");
  if (bearer !== undefined && header !== undefined && bearer !== header) {
    throw new AppError("invalid_request", "The request carries two different credentials. Send one.");
  }
  const text = bearer ?? header;
  if (text === undefined) return { kind: "none" };
  const parts = parseApiKey(text);
  return parts ? { kind: "key", parts } : { kind: "garbage" };
}

/** What stands behind `Authorization: Bearer`, if it stands there alone. */
export const bearerOf = ({ headers }: Pick<Request, "headers">): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers.get("authorization")?.trim() ?? "")?.[1];
