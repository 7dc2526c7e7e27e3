import { z } from "zod";

const shape = z.email().max(254);

/** An e-mail address in the form it is stored and compared: trimmed, lower case; null when it is none. */
export function normalizeEmail(value: string): string | null {
  const candidate = value.trim().toLowerCase();
  return shape.safeParse(candidate).success ? candidate : null;
}
