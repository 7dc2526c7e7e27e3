import type { Node } from "libpg-query";

/** What a migration has done up to a statement, and what the migrations before it have left. */
export type World = {
  isTransaction: boolean;
  /** Tables that this migration makes: nobody uses them yet. */
  created: Set<string>;
  /** Tables that this migration gives the column tenant_id, and what it does for them. */
  ofFirms: Set<string>;
  enabled: Set<string>;
  forced: Set<string>;
  policies: Set<string>;
  /** Constraints that this migration adds to tables from before. */
  addedConstraints: Set<string>;
  /** Whether a validated CHECK of an earlier migration says that the column is never null. */
  isProvenNotNull: (table: string, column: string) => boolean;
};

/** The world before the first statement of a migration. */
export const newWorld = (isTransaction: boolean, history: History): World => ({
  isTransaction,
  created: new Set(),
  ofFirms: new Set(),
  enabled: new Set(),
  forced: new Set(),
  policies: new Set(),
  addedConstraints: new Set(),
  isProvenNotNull: (table, column) => history.provenNotNull.has(constraintKey(table, column)),
});

/** What all migrations so far say about columns that are never null. */
export type History = { notNullChecks: Map<string, string>; provenNotNull: Set<string> };
export const newHistory = (): History => ({ notNullChecks: new Map(), provenNotNull: new Set() });

/** One name for a constraint or a column of a table. */
export const constraintKey = (table: string, name: string): string => `${table}.${name}`;

/** Takes note of CHECK (column IS NOT NULL) and of its validation. Call once a migration is through: what it adds counts for later ones. */
export function remember(history: History, nodes: readonly Node[]): void {
  for (const node of nodes) {
    if (!("AlterTableStmt" in node)) continue;
    const table = node.AlterTableStmt.relation?.relname ?? "";
    for (const each of node.AlterTableStmt.cmds ?? []) {
      if (!("AlterTableCmd" in each)) continue;
      const { subtype, name = "", def } = each.AlterTableCmd;
      if (subtype === "AT_AddConstraint" && def && "Constraint" in def) {
        const { raw_expr: rule, conname = "" } = def.Constraint;
        const column =
          rule && "NullTest" in rule && rule.NullTest.nulltesttype === "IS_NOT_NULL"
            ? columnOf(rule.NullTest.arg)
            : null;
        if (column) history.notNullChecks.set(constraintKey(table, conname), column);
      }
      if (subtype === "AT_ValidateConstraint") {
        const column = history.notNullChecks.get(constraintKey(table, name));
        if (column) history.provenNotNull.add(constraintKey(table, column));
      }
    }
  }
}

function columnOf(node: Node | undefined): string | null {
  const last = node && "ColumnRef" in node ? node.ColumnRef.fields?.at(-1) : undefined;
  return last && "String" in last ? (last.String.sval ?? null) : null;
}
