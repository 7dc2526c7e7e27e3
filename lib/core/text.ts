import { z } from "zod";

const hasNoNul = (value: string) => !value.includes("\u0000");

/** True when Postgres can store this text: no NUL (22021, 22P05) and no lone surrogate (22P02). */
export const isStorable = (value: string): boolean => hasNoNul(value) && value.isWellFormed();

/**
 * Text that Postgres can store: no NUL (22P05 in jsonb) and no lone surrogate (22P02), either of which would lose the whole
 * batch. Trims the ends. Every free-text field of every wire schema is made with this.
 */
export const text = (max: number, min = 1) =>
  z
    .string()
    .trim()
    .min(min, min === 1 ? "must not be empty" : `must have at least ${min} characters`)
    .max(max, `must have at most ${max} characters`)
    .refine(hasNoNul, "must not contain a NUL character")
    .refine((value) => value.isWellFormed(), "must not contain a lone surrogate");

/** Text of which something is left when control characters and zero-width spaces are gone: a name that shows nothing is no name. */
export const visibleText = (max: number) =>
  text(max).refine((value) => /[^\s\p{Cc}\u200b\u2060\ufeff]/u.test(value), "must not be blank");

/** True when nothing in it begins a line or steers what shows it. */
export const isOneLine = (value: string): boolean => !/[\p{Cc}\u2028\u2029]/u.test(value);

/** Lower case, without accents, single spaces: what search compares. The words of a search are folded the same way before they are asked. */
export const fold = (value: string): string =>
  value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();
