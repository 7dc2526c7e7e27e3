import { AppError, type InvalidParam } from "@/lib/core/errors";
import type { passwordContext } from "@/lib/core/password-rules";

/** Whose password it is to be: their own words, and those of the firm and the host they sign in on, make a poor one. */
export type PasswordOwner = Parameters<typeof passwordContext>[0];

/** What is wrong with a new password, or nothing: the judgement of lib/core/password-rules.ts, which the browser shows too. */
export async function passwordProblems(password: string, owner: PasswordOwner): Promise<InvalidParam[]> {
  // Half a megabyte of word lists, which most requests never need.
  const { judgePassword, passwordContext } = await import("@/lib/core/password-rules");
  const { reason } = judgePassword(password, passwordContext(owner));
  return reason === null ? [] : [{ name: "password", reason }];
}

/** The refusal of input whose fields are named, with why. */
export const notAcceptable = (invalidParams: InvalidParam[]): AppError =>
  new AppError("unprocessable", "Not saved: something has to be corrected.", { invalidParams });
