import type {
  AlterTableCmd,
  AlterTableStmt,
  ColumnDef,
  Constraint,
  CreateStmt,
  DeleteStmt,
  Node,
  RangeVar,
  UpdateStmt,
} from "libpg-query";
import type { RuleName } from "./lint-rules";
import { constraintKey, type World } from "./lint-world";

/** The rules that one statement breaks, in a migration of which `world` knows what stands before it. */
export function breachesOf(node: Node, world: World): RuleName[] {
  const at = <K extends string>(name: K) => (node as Record<string, unknown>)[name];
  const is = (name: string) => at(name) !== undefined;
  const breaches: RuleName[] = [];
  const add = (name: RuleName, isBroken = true) => isBroken && breaches.push(name);

  if ("CreateStmt" in node) create(node.CreateStmt, world);
  if ("AlterTableStmt" in node) breaches.push(...alterTable(node.AlterTableStmt, world));
  if ("CreateTableAsStmt" in node) createFrom(node.CreateTableAsStmt.into?.rel, world);
  // A policy that does not ask for the firm keeps no firm's rows from another.
  if ("CreatePolicyStmt" in node && JSON.stringify(node).includes('"app.tenant_id"'))
    world.policies.add(nameOf(node.CreatePolicyStmt.table));
  if ("IndexStmt" in node) {
    const { relation, concurrent = false } = node.IndexStmt;
    add("index-concurrently", !concurrent && !world.created.has(nameOf(relation)));
    add("concurrently-in-transaction", concurrent && world.isTransaction);
  }
  if ("DropStmt" in node) {
    const { removeType, concurrent = false } = node.DropStmt;
    add("drop-object", DROPPED.has(removeType ?? ""));
    add("weaker-rls", removeType === "OBJECT_POLICY");
    add("concurrently-in-transaction", concurrent && world.isTransaction);
  }
  if ("RenameStmt" in node) add("rename", RENAMED.has(node.RenameStmt.renameType ?? ""));
  if ("AlterObjectSchemaStmt" in node) add("rename");
  add("whole-table-write", writesWhole(node, world));
  if ("GrantStmt" in node)
    add(
      "grant-public",
      node.GrantStmt.is_grant === true && JSON.stringify(node.GrantStmt.grantees).includes("ROLESPEC_PUBLIC"),
    );
  if ("CreateFunctionStmt" in node) add("definer-search-path", isOpenDefiner(node.CreateFunctionStmt.options));
  if ("AlterFunctionStmt" in node) add("definer-search-path", isOpenDefiner(node.AlterFunctionStmt.actions));
  add("lock-table", is("LockStmt"));
  add("truncate", is("TruncateStmt"));
  add("enum", is("CreateEnumStmt") || is("AlterEnumStmt"));
  // CLUSTER; VACUUM FULL and REINDEX without CONCURRENTLY. A plain VACUUM has no place in a migration either.
  add(
    "rewrite-table",
    is("ClusterStmt") ||
      is("VacuumStmt") ||
      (is("ReindexStmt") && !JSON.stringify(at("ReindexStmt")).includes('"concurrently"')),
  );
  return [...new Set(breaches)];
}

const DROPPED = new Set([
  "OBJECT_TABLE",
  "OBJECT_VIEW",
  "OBJECT_MATVIEW",
  "OBJECT_FUNCTION",
  "OBJECT_SCHEMA",
  "OBJECT_TYPE",
  "OBJECT_SEQUENCE",
]);
const RENAMED = new Set([
  "OBJECT_TABLE",
  "OBJECT_COLUMN",
  "OBJECT_VIEW",
  "OBJECT_FUNCTION",
  "OBJECT_SCHEMA",
  "OBJECT_SEQUENCE",
]);

const FIRM = "tenant_id";
const nameOf = (relation: RangeVar | undefined): string => relation?.relname ?? "";

function create({ relation, tableElts = [], inhRelations = [] }: CreateStmt, world: World): void {
  // What it takes from another table is not seen here: it may be the column of firms.
  if (inhRelations.length > 0 || tableElts.some((element) => "TableLikeClause" in element)) createFrom(relation, world);
  world.created.add(nameOf(relation));
  if (tableElts.some((element) => "ColumnDef" in element && element.ColumnDef.colname === FIRM))
    world.ofFirms.add(nameOf(relation));
}

function createFrom(relation: RangeVar | undefined, world: World): void {
  world.created.add(nameOf(relation));
  world.ofFirms.add(nameOf(relation));
}

/** UPDATE or DELETE of all rows of a table from before, also inside of another statement. */
function writesWhole(tree: unknown, world: World): boolean {
  if (Array.isArray(tree)) return tree.some((each) => writesWhole(each, world));
  if (typeof tree !== "object" || tree === null) return false;
  return Object.entries(tree).some(([key, value]) => {
    if (key !== "UpdateStmt" && key !== "DeleteStmt") return writesWhole(value, world);
    const { whereClause, relation } = value as UpdateStmt | DeleteStmt;
    const isAll = !whereClause || ("A_Const" in whereClause && "boolval" in whereClause.A_Const);
    return (isAll && !world.created.has(nameOf(relation))) || writesWhole(Object.values(value), world);
  });
}

function alterTable({ relation, cmds = [] }: AlterTableStmt, world: World): RuleName[] {
  const table = nameOf(relation);
  return cmds.flatMap((each) => ("AlterTableCmd" in each ? alter(each.AlterTableCmd, table, world) : []));
}

function alter(command: AlterTableCmd, table: string, world: World): RuleName[] {
  const isNew = world.created.has(table);
  const { def } = command;
  switch (command.subtype) {
    case "AT_EnableRowSecurity":
      world.enabled.add(table);
      return [];
    case "AT_ForceRowSecurity":
      world.forced.add(table);
      return [];
    case "AT_DisableRowSecurity":
    case "AT_NoForceRowSecurity":
      return ["weaker-rls"];
    case "AT_DropColumn":
      return ["drop-column"];
    case "AT_AlterColumnType":
      return isNew ? [] : ["column-type"];
    case "AT_SetNotNull":
      return isNew || world.isProvenNotNull(table, command.name ?? "") ? [] : ["set-not-null"];
    case "AT_AddColumn":
      if (def && "ColumnDef" in def && def.ColumnDef.colname === FIRM) world.ofFirms.add(table);
      return isNew || !def || !("ColumnDef" in def) ? [] : addColumn(def.ColumnDef);
    case "AT_AddConstraint":
      return isNew || !def || !("Constraint" in def) ? [] : addConstraint(def.Constraint, table, world);
    case "AT_ValidateConstraint":
      return world.addedConstraints.has(constraintKey(table, command.name ?? "")) ? ["validate-apart"] : [];
    default:
      return [];
  }
}

/** Adding a column is instant when every old row gets the same value, and nothing has to be looked up or looked through. */
function addColumn({ typeName, constraints = [] }: ColumnDef): RuleName[] {
  const own = constraints.flatMap((each) => ("Constraint" in each ? [each.Constraint] : []));
  const find = (type: Constraint["contype"]) => own.find(({ contype }) => contype === type);
  const fallback = find("CONSTR_DEFAULT");
  const isSerial = JSON.stringify(typeName?.names ?? []).includes("serial");
  const isMade = isSerial || find("CONSTR_IDENTITY") !== undefined || find("CONSTR_GENERATED") !== undefined;
  const isVolatile = isMade || callsIn(fallback?.raw_expr).some((name) => !STABLE.has(name));
  const breaches: RuleName[] = [];
  if (isVolatile) breaches.push("volatile-default");
  if (find("CONSTR_NOTNULL") && !fallback && !isMade) breaches.push("not-null-without-default");
  if (find("CONSTR_CHECK") || find("CONSTR_FOREIGN")) breaches.push("constraint-not-valid");
  if (find("CONSTR_UNIQUE") || find("CONSTR_PRIMARY")) breaches.push("unique-using-index");
  return breaches;
}

/** Functions that give every row of one statement the same. */
const STABLE = new Set(["now", "transaction_timestamp", "statement_timestamp", "current_setting"]);

function callsIn(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(callsIn);
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) => {
    if (key !== "FuncCall") return callsIn(value);
    const { funcname = [], args = [] } = value as { funcname?: { String?: { sval?: string } }[]; args?: unknown[] };
    return [funcname.at(-1)?.String?.sval ?? "?", ...callsIn(args)];
  });
}

function addConstraint(constraint: Constraint, table: string, world: World): RuleName[] {
  const { contype, skip_validation: isNotValid = false, indexname } = constraint;
  if (contype === "CONSTR_NOTNULL") return ["set-not-null"];
  if (contype === "CONSTR_UNIQUE" || contype === "CONSTR_PRIMARY") return indexname ? [] : ["unique-using-index"];
  if (contype === "CONSTR_EXCLUSION") return ["unique-using-index"];
  if (contype !== "CONSTR_CHECK" && contype !== "CONSTR_FOREIGN") return [];
  world.addedConstraints.add(constraintKey(table, constraint.conname ?? ""));
  return isNotValid ? [] : ["constraint-not-valid"];
}

function isOpenDefiner(options: Node[] = []): boolean {
  const own = options.flatMap((each) => ("DefElem" in each ? [each.DefElem] : []));
  const isDefiner = own.some(({ defname, arg }) => defname === "security" && JSON.stringify(arg).includes("true"));
  return (
    isDefiner && !own.some(({ defname, arg }) => defname === "set" && JSON.stringify(arg).includes('"search_path"'))
  );
}
