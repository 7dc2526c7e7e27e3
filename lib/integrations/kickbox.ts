import { createRequire } from "node:module";
import type kickboxModule from "kickbox";
import type requestModule from "request";
import { z } from "zod";
import { AppError, VendorError } from "@/lib/core/errors";
import { env } from "@/lib/platform/env";
import { causeHeaders, kindOfStatus, retryAfterMs, vendorCall } from "@/lib/platform/http-client";

// Both through one require, so that the `request` whose limits we set is the very one that the client calls: a bundler may make two of it.
const load = createRequire(import.meta.url);
const kickbox = load("kickbox") as typeof kickboxModule;
const request = load("request") as typeof requestModule;

const Answer = z.object({
  success: z.literal(true),
  result: z.enum(["deliverable", "undeliverable", "risky", "unknown"]),
  reason: z.string().max(100),
  role: z.boolean(),
  free: z.boolean(),
  disposable: z.boolean(),
  accept_all: z.boolean(),
  // The vendor's sandbox leaves it out.
  did_you_mean: z.string().max(320).nullish(),
  sendex: z.number().min(0).max(1).nullish(),
});

/** What Kickbox says of an address. */
export type KickboxAnswer = {
  verdict: z.infer<typeof Answer>["result"];
  reason: string;
  role: boolean;
  free: boolean;
  disposable: boolean;
  acceptAll: boolean;
  /** Domain of the address that may have been meant; the part before the @ would be personal and is dropped here. */
  suggestedDomain: string | null;
  quality: number | null;
};

type Seen = { statusCode: number; headers: Record<string, string> };

/**
 * Verifies an address: one paid call, never repeated here.
 * @throws VendorError for every failure; AppError `not_configured` without a key.
 */
export async function verifyAddress(email: string, { timeoutMs = 10_000 } = {}): Promise<KickboxAnswer> {
  const { KICKBOX_API_KEY: key, KICKBOX_BASE_URL: base } = env();
  if (!key) throw new AppError("not_configured", "Kickbox has no key (see .env.example).");
  // The client resolves its paths from the root, so a base with a path of its own goes in before the version.
  const { pathname, origin } = new URL(base);
  const version = `${pathname.replace(/^\/|\/$/g, "")}/v2`.replace(/^\//, "");
  const client = kickbox.client(key, { base: origin, api_version: version }).kickbox();

  // The client drops the headers when it makes an error of a reply, and with them Retry-After.
  let seen: Seen | undefined;
  const settings = {
    timeoutMs,
    maxBytes: 256_000,
    more: causeHeaders(),
    onReply: (reply: Seen) => {
      seen = reply;
    },
  };
  // The vendor gives up on the mail server before we give up on the vendor.
  const ask = () =>
    new Promise<unknown>((resolve, reject) => {
      client.verify(email, { timeout: Math.max(1000, timeoutMs - 2000) }, (error, reply) =>
        error ? reject(error) : resolve(reply?.body),
      );
    });
  return vendorCall("kickbox", async () => {
    try {
      return read(await request.scoped(settings, ask), seen);
    } catch (error) {
      throw named(error, seen);
    }
  });
}

function read(body: unknown, seen: Seen | undefined): KickboxAnswer {
  const parsed = Answer.safeParse(body);
  if (!parsed.success) {
    throw new VendorError("kickbox", "garbled", "sent an answer of another shape", {
      cause: parsed.error,
      status: seen?.statusCode,
    });
  }
  const { result, reason, role, free, disposable, accept_all, did_you_mean, sendex } = parsed.data;
  return {
    verdict: result,
    reason,
    role,
    free,
    disposable,
    acceptAll: accept_all,
    suggestedDomain: did_you_mean?.includes("@") ? did_you_mean.slice(did_you_mean.lastIndexOf("@") + 1) : null,
    quality: sendex ?? null,
  };
}

function named(error: unknown, seen: Seen | undefined): VendorError {
  if (error instanceof VendorError) return error;
  if (seen && seen.statusCode > 299) {
    return new VendorError("kickbox", kindOfStatus(seen.statusCode), `answered ${seen.statusCode}`, {
      cause: error,
      status: seen.statusCode,
      retryAfterMs: retryAfterMs(new Headers(seen.headers)),
    });
  }
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  if (name === "TimeoutError") return new VendorError("kickbox", "timeout", "did not answer in time", { cause: error });
  const kind = seen || code === "ETOOLARGE" ? "garbled" : "unavailable";
  return new VendorError("kickbox", kind, "gave no readable answer", { cause: error });
}
