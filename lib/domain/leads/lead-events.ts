import type { EventDto } from "@/lib/contracts/leads";
import { TAKEN_BACK } from "@/lib/core/lead-status";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { findNotes } from "./lead-notes";

/** Newest events that a lead page shows. */
const EVENTS_SHOWN = 200;

type Data = Record<string, unknown>;
const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** A lead's newest 200 events, the newest first, with the names of those who acted. Where an event keeps the id of a text, the text stands here. */
export async function listLeadEvents(tx: Tx, ctx: Ctx, leadId: string): Promise<EventDto[]> {
  const { tenantId } = ctx;
  const rows = await tx.event.findMany({
    where: { tenantId, leadId },
    orderBy: [{ occurredAt: "desc" }, { id: "desc" }],
    take: EVENTS_SHOWN,
  });
  const idsOf = (type: string) => [...new Set(rows.filter((row) => row.actorType === type).map((row) => row.actorId))];
  const users = await tx.user.findMany({
    where: { tenantId, id: { in: idsOf("user") } },
    select: { id: true, name: true },
  });
  const keys = await tx.apiKey.findMany({
    where: { tenantId, id: { in: idsOf("apiKey") } },
    select: { id: true, name: true },
  });
  const names = new Map([...users, ...keys].map((actor) => [actor.id, actor.name]));
  const notes = await findNotes(tx, ctx, leadId);
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    occurredAt: row.occurredAt.toISOString(),
    actor: { type: row.actorType, name: names.get(row.actorId) ?? row.actorId },
    data: withWords(row.data as Data, notes),
  }));
}

/** `reasonId` and `noteId` as `reason` and `note`: null when nothing was said, or when it has been erased since. The undo of an import is a reason of ours. */
function withWords({ reasonId, noteId, ...data }: Data, notes: ReadonlyMap<string, string>): Data {
  if (reasonId === undefined && noteId === undefined) return data;
  const said = (id: unknown) => notes.get(text(id) ?? "") ?? null;
  return { ...data, reason: data.takenBack ? TAKEN_BACK : said(reasonId), note: said(noteId) };
}
