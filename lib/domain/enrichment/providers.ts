import type { EmailCheck, PhoneCheck, ProviderName } from "@/lib/contracts/providers";
import { verifyAddress } from "@/lib/integrations/kickbox";
import { lookUpNumber } from "@/lib/integrations/twilio";

/** What a provider says of a value. `unsure` is an answer that may be another one later. */
export type LookupAnswer =
  | { state: "found"; result: PhoneCheck | EmailCheck; unsure?: boolean }
  | { state: "not_found" };

/** Asks an outside service about one value. Throws VendorError, or AppError `not_configured`. */
export type Lookup = (value: string) => Promise<LookupAnswer>;

/** The registry: one line for each row of PROVIDERS. */
export const LOOKUPS: Record<ProviderName, Lookup> = {
  twilio: async (number) => {
    const result = await lookUpNumber(number);
    return result === null ? { state: "not_found" } : { state: "found", result };
  },
  kickbox: async (address) => {
    const result = await verifyAddress(address);
    return { state: "found", result, unsure: result.verdict === "unknown" };
  },
};
