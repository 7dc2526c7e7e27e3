import { v7, validate } from "uuid";

/** A fresh row id: UUID version 7, so that ids sort by the time they were made. */
export const newId = (): string => v7();

/** True for any well-formed UUID. */
export const isId = (value: unknown): value is string => typeof value === "string" && validate(value);
