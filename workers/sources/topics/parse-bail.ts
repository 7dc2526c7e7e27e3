import type { IngestCharge } from "@/lib/contracts/ingest";
import { bailTypeOf } from "@/lib/core/bail";
import { parseCents } from "@/lib/core/money";
import { PageChanged } from "../errors";

const NOTHING = /^(|-+|n\/?a|none)$/i;

/**
 * The bail of one offense from its printed type and amount. Four states stay apart: an amount (`$0.00` included: `bailCents: 0`),
 * denied, not set, and blank (no key at all). The type is one of our kinds, or the words as printed when they are new to us.
 */
export function parseBail(type: string, amount: string): Pick<IngestCharge, "bailType" | "bailCents"> {
  const kind = bailTypeOf(type);
  const cents = parseCents(amount);
  const amountKind = cents === null ? bailTypeOf(amount) : "blank";
  if (kind === "denied" || amountKind === "denied") return { bailType: "denied" };
  if (amountKind === "not_set" || (kind === "not_set" && !cents)) return { bailType: "not_set" };
  if (cents === null && !NOTHING.test(amount)) throw new PageChanged("bail amount", "the text is no amount");
  const named = NOTHING.test(type) ? undefined : kind === "unknown" ? type.slice(0, 80).trim() : kind;
  return { ...(named ? { bailType: named } : {}), ...(cents === null ? {} : { bailCents: cents }) };
}
