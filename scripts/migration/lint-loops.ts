/** A statement that a DO block would run, and how many lines below the block's first one it stands. */
type Inner = { sql: string; line: number };

const LOOP = /FOREACH\s+(\w+)\s+IN\s+ARRAY\s+ARRAY\s*\[([^\]]*)\]\s*LOOP([\s\S]*?)END\s+LOOP\s*;/gi;
const EXECUTE = /EXECUTE\s+format\s*\(\s*'((?:[^']|'')*)'\s*,\s*(\w+)\s*\)\s*;/gi;
const FRAME = /^\s*DECLARE\s+\w+\s+text\s*;\s*BEGIN\s*END\s*;?\s*$/i;
const COMMENT = /--[^\n]*/g;

/**
 * The statements of a DO block that does the same for each table of a list: FOREACH over literal names, in it nothing but EXECUTE format with the name. Null
 * for any other block: what that does cannot be seen here.
 */
export function unrollLoop(body: string): Inner[] | null {
  const plain = body.replace(COMMENT, (comment) => " ".repeat(comment.length));
  const inner: Inner[] = [];
  let isOpaque = false;
  const frame = plain.replace(LOOP, (loop, variable: string, list: string, block: string, at: number) => {
    const names = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name ?? "");
    const blockAt = at + loop.indexOf(block);
    const rest = block.replace(EXECUTE, (_, template: string, argument: string, offset: number) => {
      if (argument !== variable) isOpaque = true;
      const line = plain.slice(0, blockAt + offset).split("\n").length - 1;
      for (const name of names) {
        const sql = template.replaceAll("''", "'").replace(/%(?:1\$)?I/g, name);
        if (/%[^%]/.test(sql.replaceAll("%%", ""))) isOpaque = true;
        inner.push({ sql, line });
      }
      return "";
    });
    if (rest.trim() || names.length === 0) isOpaque = true;
    return "";
  });
  return isOpaque || inner.length === 0 || !FRAME.test(frame) ? null : inner;
}
