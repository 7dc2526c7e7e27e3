/**
 * Table roles said aloud. Browsers drop the table semantics of elements whose `display` is changed, which is how our tables fold on a
 * phone; spread these on every part of a table that folds.
 */
export const tableRoles = {
  table: { role: "table" },
  group: { role: "rowgroup" },
  row: { role: "row" },
  cell: { role: "cell" },
  head: { role: "columnheader" },
  rowHead: { role: "rowheader" },
} as const;
