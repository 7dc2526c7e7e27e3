import { createScanner, SyntaxKind } from "jsonc-parser";
import { AppError } from "@/lib/core/errors";

const MAX_DEPTH = 32;

/**
 * Refuses JSON that nests deeper than 32 or names a key twice in one object, before anything is built from it. Two parsers may disagree about
 * which of two values holds, and that disagreement is an attack. One pass over the tokens; whether it is JSON at all is left to JSON.parse.
 */
export function assertPlainJson(text: string): void {
  const scanner = createScanner(text, true);
  // The keys of each open object; null for an open array.
  const open: (Set<string> | null)[] = [];
  let before = SyntaxKind.Unknown;
  for (let token = scanner.scan(); token !== SyntaxKind.EOF; before = token, token = scanner.scan()) {
    if (token === SyntaxKind.OpenBraceToken || token === SyntaxKind.OpenBracketToken) {
      open.push(token === SyntaxKind.OpenBraceToken ? new Set() : null);
      if (open.length > MAX_DEPTH) throw new AppError("invalid_request", `The body nests deeper than ${MAX_DEPTH}.`);
    } else if (token === SyntaxKind.CloseBraceToken || token === SyntaxKind.CloseBracketToken) {
      open.pop();
    } else if (token === SyntaxKind.StringLiteral) {
      const isKey = before === SyntaxKind.OpenBraceToken || before === SyntaxKind.CommaToken;
      const keys = isKey ? open.at(-1) : null;
      if (!keys) continue;
      // The scanner's value is unescaped: `"a"` and `"\u0061"` are one key.
      const key = scanner.getTokenValue();
      if (keys.has(key)) throw new AppError("invalid_request", "The body names a key twice in one object.");
      keys.add(key);
    }
  }
}
