import twilio from "twilio";
import { z } from "zod";
import { LINE_TYPES, type LineType } from "@/lib/contracts/providers";
import { AppError, VendorError } from "@/lib/core/errors";
import { env } from "@/lib/platform/env";
import { httpRequest } from "@/lib/platform/http-client";

const nullable = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null);

/** The part of a Lookup v2 answer that we read; fields of packages that were not asked for are null or absent. */
const Answer = z.object({
  valid: z.boolean(),
  validationErrors: nullable(z.array(z.string())),
  countryCode: nullable(z.string().max(10)),
  lineTypeIntelligence: nullable(
    z.object({
      // A kind that Twilio adds one day is a line whose kind we do not know, not a broken answer.
      type: nullable(z.enum(LINE_TYPES).catch("unknown")),
      carrierName: nullable(z.string().max(200)),
      errorCode: nullable(z.int()),
    }),
  ),
});

/** What Twilio says of a number; `null` when it knows no such number. */
export type TwilioAnswer = {
  valid: boolean;
  reasons: string[];
  lineType: LineType | null;
  carrier: string | null;
  country: string | null;
  /** A package that failed leaves the basic answer standing: this is its code (60600 and up). */
  lineProblem: number | null;
};

/** Twilio's client over our own way out: another base address, one deadline, a size cap, no redirects, Retry-After kept. */
class BoundedClient extends twilio.RequestClient {
  readonly #base: URL;
  readonly #timeoutMs: number;

  constructor(base: string, timeoutMs: number) {
    super();
    this.#base = new URL(base);
    this.#timeoutMs = timeoutMs;
  }

  override async request<TData>(
    options: Parameters<InstanceType<typeof twilio.RequestClient>["request"]>[0],
  ): Promise<Awaited<ReturnType<InstanceType<typeof twilio.RequestClient>["request"]>> & { body: TData }> {
    const asked = new URL(options.uri);
    // Twilio wants the + of a number encoded, which its client leaves to others.
    const path = `${this.#base.pathname.replace(/\/$/, "")}${asked.pathname}`.replaceAll("+", "%2B");
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(options.params ?? {})) url.searchParams.set(name, String(value));
    const credentials = Buffer.from(`${options.username}:${options.password}`).toString("base64");
    const reply = await httpRequest({
      vendor: "twilio",
      url,
      headers: { Accept: "application/json", Authorization: `Basic ${credentials}` },
      timeoutMs: this.#timeoutMs,
      maxBytes: 256_000,
      // 404 with Twilio's own code is an answer: there is no such number.
      accept: (status) => status === 404,
    });
    return {
      statusCode: reply.status,
      body: reply.json() as TData,
      headers: Object.fromEntries(reply.headers),
      toString: () => "",
    };
  }
}

/**
 * Looks a number up: one paid call, never repeated here. `e164` is a number in E.164 form.
 * @throws VendorError for every failure; AppError `not_configured` without credentials.
 */
export async function lookUpNumber(e164: string, { timeoutMs = 10_000 } = {}): Promise<TwilioAnswer | null> {
  const {
    TWILIO_API_KEY_SID: key,
    TWILIO_API_KEY_SECRET: secret,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_BASE_URL,
  } = env();
  if (!key || !secret || !accountSid)
    throw new AppError("not_configured", "Twilio has no credentials (see .env.example).");
  const client = twilio(key, secret, { accountSid, httpClient: new BoundedClient(TWILIO_BASE_URL, timeoutMs) });
  try {
    const number = await client.lookups.v2.phoneNumbers(e164).fetch({ fields: "line_type_intelligence" });
    return read(number.toJSON());
  } catch (error) {
    if (isUnknownNumber(error)) return null;
    if (error instanceof VendorError) throw error;
    throw new VendorError("twilio", "rejected", "refused the look-up", { cause: error, status: statusOf(error) });
  }
}

function read(body: unknown): TwilioAnswer {
  const parsed = Answer.safeParse(body);
  if (!parsed.success) {
    throw new VendorError("twilio", "garbled", "sent an answer of another shape", { cause: parsed.error, status: 200 });
  }
  const { valid, validationErrors, countryCode, lineTypeIntelligence: line } = parsed.data;
  return {
    valid,
    reasons: validationErrors ?? [],
    lineType: line?.type ?? null,
    carrier: line?.carrierName || null,
    country: countryCode,
    lineProblem: line?.errorCode ?? null,
  };
}

const statusOf = (error: unknown) => {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === "number" ? status : undefined;
};

/** A 404 of somebody else on the way (a proxy, a wrong base address) does not carry Twilio's code. */
const isUnknownNumber = (error: unknown) => statusOf(error) === 404 && (error as { code?: unknown }).code === 20404;
