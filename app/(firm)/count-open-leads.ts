import { cache } from "react";
import { LeadFilter } from "@/lib/contracts/leads";
import type { Ctx } from "@/lib/domain/context/ctx";
import { countLeads } from "@/lib/domain/leads/list-leads";
import { OPEN_LEADS } from "@/lib/ui/lead-query";

/** How many leads are open, as the rail shows it: `248`, or `10,000+` where counting stopped. Once per request. */
export const countOpenLeads = cache(async (ctx: Ctx): Promise<string> => {
  const { total, capped } = await countLeads(ctx, LeadFilter.parse(OPEN_LEADS));
  return `${total.toLocaleString("en-US")}${capped ? "+" : ""}`;
});
