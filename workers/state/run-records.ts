import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { writeAtomic } from "./files";

/** A run as it was begun. */
export const Start = z.strictObject({
  id: z.string(),
  source: z.string(),
  county: z.string(),
  startedAt: z.string(),
  firms: z.array(z.string()),
});

/** A page that was fetched: its lead, or the landmark that it lacked. One line of the journal. */
export const Entry = z.strictObject({
  id: z.string(),
  fetchedAt: z.string(),
  rowHash: z.string(),
  lead: z.record(z.string(), z.unknown()).optional(),
  refusal: z.string().optional(),
});
export type Entry = z.infer<typeof Entry>;

/** Leads that are posted together. */
export const ChunkRecord = z.strictObject({
  kind: z.enum(["leads", "withdrawn"]),
  observedAt: z.string(),
  /** Null: for every firm of the run. */
  firm: z.string().nullable(),
  /** How many journal lines are in this and the earlier chunks. */
  journalled: z.int(),
  leads: z.array(z.record(z.string(), z.unknown())),
});
export type ChunkRecord = z.infer<typeof ChunkRecord>;
/** A chunk with the name of its file, which is also its place in the order. */
export type Chunk = ChunkRecord & { name: string };

/** What one firm made of one chunk. */
export const Tally = z.strictObject({
  new: z.int(),
  changed: z.int(),
  same: z.int(),
  rejected: z.int(),
  suppressed: z.int(),
  withdrawn: z.int(),
  /** Ids that the firm did not take, for whatever reason. */
  refusedIds: z.array(z.string()),
});
export type Tally = z.infer<typeof Tally>;

/** How a run ended. */
export const Summary = z.strictObject({
  found: z.int(),
  rejected: z.int(),
  status: z.enum(["succeeded", "partial", "failed"]),
  error: z.string().nullable(),
});
export type Summary = z.infer<typeof Summary>;

/** A last line that was cut by a crash is as good as not written: its page is fetched again. */
export function readJournal(path: string): Entry[] {
  if (!existsSync(path)) return [];
  const content = readFileSync(path, "utf8");
  const whole = content.slice(0, content.lastIndexOf("\n") + 1);
  if (whole.length < content.length) writeAtomic(path, whole);
  return whole
    .split("\n")
    .filter(Boolean)
    .map((line) => Entry.parse(JSON.parse(line)));
}
