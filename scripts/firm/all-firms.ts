import type { FirmDto } from "@/lib/contracts/firms";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { listFirms } from "@/lib/domain/tenants/list-firms";
import { provenOperator } from "@/lib/domain/tenants/operator-ctx";

/** Every firm by its slug, shut ones too. */
export async function allFirms(): Promise<FirmDto[]> {
  const operator = provenOperator(newId(), systemClock);
  const firms: FirmDto[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listFirms(operator, { limit: 200, ...(cursor ? { cursor } : {}) });
    firms.push(...page.firms);
    cursor = page.nextCursor;
  }
  return firms;
}
