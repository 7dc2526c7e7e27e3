/** A Markdown table. Cells are one line each; what Markdown would take for a bar or a tag of its own is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = (cell: string) => (cell.includes("`") ? cell : cell.replaceAll("<", "&lt;")).replaceAll("|", "\\|");
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A length of time as people say it: `90 s`, `15 min`, `12 h`, `45 d`. */
export function duration(ms: number): string {
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
  ] as const;
  const [size, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1000, "s"];
  return `${ms / size} ${unit}`;
}
