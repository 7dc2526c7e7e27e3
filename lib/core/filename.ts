const NAME_CHARS = 120;

/** The name for people to know the file by: without folders, without what steers a screen. One that is too long keeps its ending, which says what the file is. */
export function cleanFilename(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const plain = last
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"<>|:*?]/gu, "")
    .replace(/\s+/g, " ")
    .trim();
  const ending = plain.length > NAME_CHARS ? (/\.[\p{L}\p{N}]{1,10}$/u.exec(plain)?.[0] ?? "") : "";
  return plain.slice(0, NAME_CHARS - ending.length) + ending || "list.csv";
}
