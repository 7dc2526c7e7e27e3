import { inTenant } from "../../context/in-tenant";
import type { SyncProvider } from "../sync-provider";
import { compareZoho } from "./compare";
import { mayAskBeside } from "./credits";
import { openCrm, requireZoho } from "./crm";
import { beginMapping } from "./mapping";
import { CHANGES, DELETIONS } from "./pull-resource";
import { pushLeads } from "./push-leads";
import { PUSH } from "./push-resource";

/** What the sync engine knows of this service. */
export const ZOHO_SYNC: SyncProvider = {
  name: "zoho",
  resources: [CHANGES, PUSH, DELETIONS],
  begin: beginMapping,
  // The seal of an event takes a moment: the lead of a consultation is written at once, without waiting for the history. Where credits are low, that waits too.
  mirror: async (ctx, { leadId }) => {
    const { id } = await inTenant(ctx, (tx) => requireZoho(tx, ctx));
    if (await mayAskBeside(ctx, id, "incremental")) await pushLeads(ctx, await openCrm(ctx), [leadId]);
  },
  compare: compareZoho,
};
