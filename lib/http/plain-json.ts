import { visit } from "jsonc-parser";
import { AppError } from "@/lib/core/errors";

const MAX_DEPTH = 32;

/**
 * Refuses JSON that nests deeper than 32 or names a key twice in one object, before anything is built from it. Two parsers may disagree about
 * which of two values holds, and that disagreement is an attack. Whether it is JSON at all is left to JSON.parse.
 */
export function assertPlainJson(text: string): void {
  // The keys of each open object; an array has none, but its depth counts.
  const open: Set<string>[] = [];
  const enter = () => {
    // Also what keeps the visitor, which calls itself for each level, from running out of stack.
    if (open.push(new Set()) > MAX_DEPTH) {
      throw new AppError("invalid_request", `The body nests deeper than ${MAX_DEPTH}.`);
    }
  };
  const leave = () => {
    open.pop();
  };
  visit(text, {
    onObjectBegin: enter,
    onArrayBegin: enter,
    onObjectEnd: leave,
    onArrayEnd: leave,
    // The name is unescaped: `"a"` and `"\u0061"` are one key.
    onObjectProperty: (name) => {
      const keys = open.at(-1);
      if (keys?.has(name)) throw new AppError("invalid_request", "The body names a key twice in one object.");
      keys?.add(name);
    },
  });
}
