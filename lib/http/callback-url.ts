import { OPEN_STATUSES } from "@/lib/core/lead-status";

/** Where people land who did not ask for a place: the first view of the list, everything still open. */
export const HOME = `/leads?${new URLSearchParams(OPEN_STATUSES.map((status) => ["status", status]))}`;

/**
 * The place to go on to after signing in, as a path on the firm's own origin: what was asked for when it is one, else the list of what is open. Refuses every
 * way of writing another origin (`//evil`, `/\evil`, `https:evil`, userinfo, look-alike suffixes, control characters in the scheme).
 */
export function safeCallbackPath(asked: string | null | undefined, origin: string): string {
  // Browsers drop tabs and line breaks and read a backslash as a slash: an address with any of them is no place of ours.
  if (!asked || asked.length > 2000 || [...asked].some((char) => char <= " " || char === "\\" || char === "\u007f"))
    return HOME;
  const isPath = asked.startsWith("/") && !asked.startsWith("//");
  if (!isPath && !asked.startsWith(`${origin}/`)) return HOME;
  let url: URL;
  try {
    url = new URL(asked, origin);
  } catch {
    return HOME;
  }
  if (url.origin !== origin || url.username !== "" || url.password !== "") return HOME;
  const path = url.pathname + url.search + url.hash;
  // A path that resolves to `//...` would be another host once it stands alone; the API and the door itself are no pages to land on.
  return path.startsWith("//") || /^\/(api|login)(\/|\?|#|$)/.test(path) ? HOME : path;
}
