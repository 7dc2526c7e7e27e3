import type { Tx } from "@/lib/platform/db";
import type { Because } from "../../bookings/apply-booking";
import type { Ctx } from "../../context/ctx";
import { recordEvent } from "../../events/record-events";

type Fetch = { connectionId: string; resource: "appointments" | "webhooks"; items: number; because: Because };
type Write = {
  connectionId: string;
  resource: "appointments" | "webhooks";
  action: "created" | "updated" | "removed";
  externalId: string;
};

/** The event of a read at Acuity, in the transaction that stores what was read. */
export const recordFetch = (tx: Tx, ctx: Ctx, fetch: Fetch): Promise<void> =>
  recordEvent(tx, ctx, { type: "sync.fetched", data: { provider: "acuity", ...fetch } });

/** The event of a write at Acuity. */
export const recordWrite = (tx: Tx, ctx: Ctx, write: Write): Promise<void> =>
  recordEvent(tx, ctx, { type: "sync.written", data: { provider: "acuity", ...write } });
