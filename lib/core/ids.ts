import { createHash } from "node:crypto";
import { stringify, v7, validate } from "uuid";

/** A fresh row id: UUID version 7, so that ids sort by the time they were made. */
export const newId = (): string => v7();

/** True for any well-formed UUID. */
export const isId = (value: unknown): value is string => typeof value === "string" && validate(value);

/** The same id for the same text, always: for what must be there once however often it is asked for. UUID version 8, of a SHA-256. */
export function idOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return stringify(bytes);
}
