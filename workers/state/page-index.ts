import { z } from "zod";

/** A page as the index of its day names it: when it came, from where, with which answer, and the hash by which its body is found. */
export const IndexLine = z.strictObject({ at: z.string(), url: z.string(), status: z.int(), sha256: z.string() });
export type IndexLine = z.infer<typeof IndexLine>;

/** The lines of an index. Throws for text that is none. */
export const indexLines = (text: string): IndexLine[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => IndexLine.parse(JSON.parse(line)));
