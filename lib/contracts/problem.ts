import { z } from "zod";
import { ERROR_TABLE, type ErrorCode } from "@/lib/core/errors";

const codes = Object.keys(ERROR_TABLE) as [ErrorCode, ...ErrorCode[]];

/** The body of every refusal: `application/problem+json`, RFC 9457. `code` is stable and closed; `detail` is for people. */
export const ProblemDto = z.strictObject({
  /** A page that explains the code: `/problems/<code>`, relative to the host that answered. */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(codes),
  detail: z.string(),
  /** Quote it to support: the log has the cause under it. */
  requestId: z.string(),
  /** Which fields are wrong: `name` is a path like `leads[3].name.full`; empty when the problem is no field's. */
  invalidParams: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
});
export type ProblemDto = z.infer<typeof ProblemDto>;
