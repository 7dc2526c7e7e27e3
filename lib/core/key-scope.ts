/** What an API key can be allowed, and what each means. */
export const KEY_SCOPE_WORDS = {
  "leads:ingest": "Post leads and report runs",
  "leads:read": "Read leads",
  "leads:write": "Change status and contacts",
  "enrich:run": "Ask for contact checks",
  "export:read": "Download the CSV export",
} as const;
export type KeyScope = keyof typeof KEY_SCOPE_WORDS;

/** The scopes, in the order in which they are offered. */
export const KEY_SCOPES = Object.keys(KEY_SCOPE_WORDS) as [KeyScope, ...KeyScope[]];
