/** One statement of a file, without the semicolon, and where in the text it begins. */
type Statement = { text: string; offset: number };

/** What a semicolon inside does not end: comments, quoted words, strings, bodies between dollars. */
const INSIDE =
  /--[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"]|"")*"|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|(\$\w*\$)[\s\S]*?\1|;/g;

/** The statements of a file one by one, for what has to be sent one by one; those that are nothing but comments are left out. */
export function splitSql(sql: string): Statement[] {
  const statements: Statement[] = [];
  let begin = 0;
  const add = (end: number) => {
    const text = sql.slice(begin, end);
    if (text.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, "").trim()) statements.push({ text, offset: begin });
    begin = end + 1;
  };
  for (const { 0: found, index } of sql.matchAll(INSIDE)) if (found === ";") add(index);
  add(sql.length);
  return statements;
}
