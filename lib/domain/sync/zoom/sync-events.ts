import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import type { EventOf } from "../../events/catalog";
import { recordEvent } from "../../events/record-events";

type Because = EventOf<"sync.fetched">["data"]["because"];

/** Says that a page was read at Zoom. */
export const noteFetched = (
  tx: Tx,
  ctx: Ctx,
  connectionId: string,
  resource: "meetings" | "attendance",
  items: number,
  because: Because,
  leadId?: string,
): Promise<void> =>
  recordEvent(tx, ctx, {
    type: "sync.fetched",
    ...(leadId === undefined ? {} : { leadId }),
    data: { connectionId, provider: "zoom", resource, items, because },
  });

/** Says what was done to a meeting at Zoom. */
export const noteWritten = (
  tx: Tx,
  ctx: Ctx,
  connectionId: string,
  action: EventOf<"sync.written">["data"]["action"],
  externalId: string,
  leadId: string,
): Promise<void> =>
  recordEvent(tx, ctx, {
    type: "sync.written",
    leadId,
    data: { connectionId, provider: "zoom", resource: "meetings", action, externalId },
  });
