/** The closed list of what can go wrong, with its wire status. Read by the problem responses, the docs and the tests. */
export const ERROR_TABLE = {
  invalid_request: { status: 400, title: "The request is malformed", retryable: false },
  unauthenticated: { status: 401, title: "Sign in, or send a valid key", retryable: false },
  mfa_required: { status: 401, title: "A second factor is required", retryable: false },
  forbidden: { status: 403, title: "Not allowed", retryable: false },
  not_found: { status: 404, title: "Not found", retryable: false },
  method_not_allowed: { status: 405, title: "This address does not take that method", retryable: false },
  conflict: { status: 409, title: "The record changed meanwhile", retryable: true },
  invalid_transition: { status: 409, title: "That status move is not allowed", retryable: false },
  payload_too_large: { status: 413, title: "The request body is too large", retryable: false },
  unprocessable: { status: 422, title: "A field is not acceptable", retryable: false },
  export_too_large: { status: 422, title: "Too large to download at once", retryable: false },
  rate_limited: { status: 429, title: "Too many requests", retryable: true },
  vendor_unavailable: { status: 502, title: "An outside service did not answer", retryable: true },
  not_configured: { status: 503, title: "Not configured", retryable: false },
  unavailable: { status: 503, title: "Temporarily unavailable", retryable: true },
  internal: { status: 500, title: "Something went wrong on our side", retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** One field of the input and what is wrong with it. `name` is a path like `leads[3].charges[0].bailCents`. */
export type InvalidParam = { name: string; reason: string };

/** The limit that refused: so many points in so many seconds. Becomes the headers `RateLimit` and `RateLimit-Policy`. */
export type UsedUpLimit = { name: string; points: number; durationSeconds: number };

type AppErrorOptions = {
  cause?: unknown;
  invalidParams?: InvalidParam[];
  /** Whole seconds after which a retry makes sense; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  limit?: UsedUpLimit;
};

/** An expected failure with a code of `ERROR_TABLE`. The detail is shown to the caller: never put personal data or a cause in it. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly invalidParams: InvalidParam[];
  readonly retryAfterSeconds: number | undefined;
  readonly limit: UsedUpLimit | undefined;

  constructor(code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.invalidParams = options.invalidParams ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.limit = options.limit;
  }
}

/** Why a call to an outside service failed. The kind is the retry policy: see `lib/domain/enrichment/retry-policy.ts`. */
export type VendorErrorKind = "timeout" | "throttled" | "rejected" | "unavailable" | "garbled";

/** A failure of an outside service. `retryAfterMs` is what the service asked for, if it did. */
export class VendorError extends Error {
  readonly vendor: string;
  readonly kind: VendorErrorKind;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;
  /** What the service calls the failure, where it has a name or number for it: statuses alone are often shared. */
  readonly code: string | undefined;

  constructor(
    vendor: string,
    kind: VendorErrorKind,
    detail: string,
    options: {
      cause?: unknown;
      retryAfterMs?: number | undefined;
      status?: number | undefined;
      code?: string | undefined;
    } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = "VendorError";
    this.vendor = vendor;
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
    this.code = options.code;
  }
}
