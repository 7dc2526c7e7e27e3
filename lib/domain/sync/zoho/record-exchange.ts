import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import type { EventOf } from "../../events/catalog";
import { recordEvent, recordEvents } from "../../events/record-events";
import type { Crm } from "./crm";
import type { Decided } from "./merge-lead";

type Fetch = {
  connectionId: string;
  resource: "leads" | "deletions";
  items: number;
  because: "schedule" | "change";
};

/** The event of one page read at Zoho, in the transaction that stores what was read. */
export const recordFetch = (tx: Tx, ctx: Ctx, fetch: Fetch): Promise<void> =>
  recordEvent(tx, ctx, { type: "sync.fetched", data: { provider: "zoho", ...fetch } });

/** The same where nothing else is stored of the page. */
export const noteFetch = (ctx: Ctx, fetch: Fetch): Promise<void> => inTenant(ctx, (tx) => recordFetch(tx, ctx, fetch));

/** How fields of a lead were decided where both sides had something to say. */
export const recordDecided = (
  tx: Tx,
  ctx: Ctx,
  { connectionId }: Pick<Crm, "connectionId">,
  leadId: string,
  decided: readonly Decided[],
): Promise<void> =>
  recordEvents(
    tx,
    ctx,
    decided.map(
      (data): EventOf<"sync.field_decided"> => ({
        type: "sync.field_decided",
        leadId,
        data: { connectionId, provider: "zoho", ...data },
      }),
    ),
  );
