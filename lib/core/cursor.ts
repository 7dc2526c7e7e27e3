import { createHash } from "node:crypto";
import { AppError } from "./errors";
import { isId } from "./ids";

/** Where a keyset page ended: the sort value as text and the id of the last row. */
export type Position = { key: string; id: string };

const badCursor = () =>
  new AppError("unprocessable", "This cursor does not belong to this list. Start again without it.", {
    invalidParams: [{ name: "cursor", reason: "does not belong to this firm and filter" }],
  });

/** A short digest of everything that a cursor is bound to (firm and filter). */
const bindingOf = (boundTo: unknown): string =>
  createHash("sha256").update(JSON.stringify(boundTo)).digest("base64url").slice(0, 16);

/** An opaque text for the next page; it opens only for the same firm and filter. */
export const encodeCursor = (position: Position, boundTo: unknown): string =>
  Buffer.from(JSON.stringify([bindingOf(boundTo), position.key, position.id])).toString("base64url");

/**
 * The binding is no seal: the sort value can be altered, so `isPlace` says whether it still is a place that the list can be asked behind.
 * @throws AppError `unprocessable` naming `cursor` when the text is not one of ours or was made for another firm or filter.
 */
export function decodeCursor(cursor: string, boundTo: unknown, isPlace: (position: Position) => boolean): Position {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    throw badCursor();
  }
  if (!Array.isArray(parts) || parts.length !== 3 || parts[0] !== bindingOf(boundTo)) throw badCursor();
  const [, key, id] = parts;
  if (typeof key !== "string" || typeof id !== "string" || !isPlace({ key, id })) throw badCursor();
  return { key, id };
}

/** Whether a sort value is an instant as we write them, on a day that there is: PostgreSQL knows no year 0 and no 30th of February. */
export const isInstantKey = (key: string): boolean =>
  /^[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(key) &&
  !Number.isNaN(Date.parse(key)) &&
  new Date(key).toISOString() === key;

/** A place in a list that is in the order of an instant. */
export const isInstantPlace = ({ key, id }: Position): boolean => isInstantKey(key) && isId(id);
