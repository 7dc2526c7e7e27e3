import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { listFirms } from "@/lib/domain/tenants/list-firms";
import { provenOperator } from "@/lib/domain/tenants/operator-ctx";
import type { Firm } from "./erase-person";

/** Every firm there is, in any state. */
export async function allFirms(): Promise<Firm[]> {
  const operator = provenOperator(newId(), systemClock);
  const firms: Firm[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listFirms(operator, { limit: 200, ...(cursor ? { cursor } : {}) });
    firms.push(...page.firms.map(({ id, slug }) => ({ id, slug })));
    cursor = page.nextCursor;
  }
  return firms;
}
