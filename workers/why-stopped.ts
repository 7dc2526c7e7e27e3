import { VendorError } from "@/lib/core/errors";
import { BudgetSpent, PageChanged, SourceRefused } from "./sources/errors";

/** What stopped a run, in words for the operator. Anything unexpected is thrown on. */
export function whyStopped(error: unknown): string {
  if (error instanceof VendorError) return `the site ${error.message}`;
  if (error instanceof PageChanged || error instanceof SourceRefused || error instanceof BudgetSpent)
    return error.message;
  throw error;
}
