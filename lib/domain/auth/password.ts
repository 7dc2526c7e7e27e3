import { hash, parseOptions, verify } from "@node-rs/argon2";
import { AppError } from "@/lib/core/errors";
import { PASSWORD_MAX_BYTES } from "@/lib/core/password-length";

/** Argon2id as OWASP asks for it: 19 MiB, two passes, one lane; about 50 ms. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

// 15-20 hashes a second use the whole machine: two at once leave room for the list, and a queue without an end would only time out.
const AT_ONCE = 2;
const MAX_WAITING = 40;
let running = 0;
const waiting: (() => void)[] = [];

/** A hash of no password, for callers that nobody knows: the work takes the same time. */
const NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Y5+7Kt5fgQWkxr4UnGs4jw$KlqXr4IZ/NWM3lwpEY30+EfqMHTbY2z2FImEo1FLXEA";

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MAX_WAITING) {
      throw new AppError("unavailable", "Too many people are signing in right now. Try again shortly.", {
        retryAfterSeconds: 3,
      });
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

/** The hash of a password, to be stored. @throws AppError `unprocessable` when it is longer than 1 kB. */
export function hashPassword(password: string): Promise<string> {
  if (Buffer.byteLength(password) > PASSWORD_MAX_BYTES) {
    throw new AppError("unprocessable", "The password is too long.", {
      invalidParams: [{ name: "password", reason: `must have at most ${PASSWORD_MAX_BYTES} bytes` }],
    });
  }
  return inTurn(() => hash(password, COST));
}

/** Whether the password is right; with no hash (nobody by that name) it is wrong after the same time. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const isTooLong = Buffer.byteLength(password) > PASSWORD_MAX_BYTES;
  const isRight = await inTurn(() => verify(stored ?? NOBODY, isTooLong ? "too long" : password));
  return isRight && stored !== null && !isTooLong;
}

/** True when a stored hash was made at another cost than today's. */
export function needsRehash(stored: string): boolean {
  const made = parseOptions(stored);
  return (
    made.memoryCost !== COST.memoryCost || made.timeCost !== COST.timeCost || made.parallelism !== COST.parallelism
  );
}
