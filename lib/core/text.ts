import { z } from "zod";

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
    .refine((value) => !value.includes("\u0000"), "must not contain a NUL character")
    .refine((value) => value.isWellFormed(), "must not contain a lone surrogate");

/** Lower case, without accents, single spaces: what search compares. The SQL twin is `arrestra_fold()` in the migrations. */
export const fold = (value: string): string =>
  value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();
