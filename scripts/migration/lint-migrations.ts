// Refuses migrations that would hold up or break the service: `npm run lint:migrations`, part of `npm run check`. Reads them with Postgres's own parser.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Node, parse } from "libpg-query";
import { ROOT } from "../repository";
import { unrollLoop } from "./lint-loops";
import { RULES, type RuleName, ruleOf } from "./lint-rules";
import { breachesOf } from "./lint-statement";
import { type History, newHistory, newWorld, remember, type World } from "./lint-world";
import { NO_TRANSACTION, readMigrations } from "./read-migrations";

export type Finding = { file: string; line: number; rule: RuleName; statement: string };

/** Migrations that were there before the rules: they ran on databases without users. Nothing is added here. */
const BASELINE: ReadonlySet<string> = new Set([
  "20261121000000_house",
  "20261121220000_stored_replies_sealed",
  "20261122000000_second_factor",
  "20261122010000_lead_scope",
  "20261122020000_firms_and_domains",
  "20261122030000_integration_secrets",
  "20261122040000_audit",
  "20261122050000_narrower_grants",
  "20261123000000_connections",
  "20261123010000_consultations",
  "20261123020000_booking_look_ends",
]);

const ALLOW = /^--\s*arrestra:allow\s+([\w-]+)\s*:?\s*(.*)$/;
const RELEASE = /\brelease\s+[\w.-]*\d/i;

/** What is wrong with the migrations of a folder that are not in the baseline, in their order. */
export async function lintMigrations(
  migrationsDir: string,
  baseline: ReadonlySet<string> = BASELINE,
): Promise<Finding[]> {
  const history = newHistory();
  const findings: Finding[] = [];
  for (const { name, file, sql, isTransaction } of readMigrations(migrationsDir)) {
    const own = await lintMigration(sql, file, isTransaction, history);
    if (!baseline.has(name)) findings.push(...own);
  }
  return findings;
}

type Placed = { node: Node; line: number; text: string; allowed: Allowed[] };
type Allowed = { rule: string; reason: string; line: number; isUsed: boolean };

async function lintMigration(sql: string, file: string, isTransaction: boolean, history: History): Promise<Finding[]> {
  const found = (rule: RuleName, line: number, text = ""): Finding => ({
    file,
    line,
    rule,
    statement: text.split(/\s+/).join(" ").slice(0, 80),
  });
  let placed: Placed[];
  try {
    placed = await statementsOf(sql);
  } catch {
    return [found("syntax", 1)];
  }
  const world = newWorld(isTransaction, history);
  const findings: Finding[] = [];
  const nodes: Node[] = [];
  const madeBy = new Map<string, Placed>();
  const report = ({ text, line, allowed }: Placed, rule: RuleName, below = 0) => {
    const exceptions = allowed.filter((each) => each.rule === rule);
    for (const exception of exceptions) exception.isUsed = true;
    if (exceptions.length === 0) findings.push(found(rule, line + below, text));
  };
  for (const each of placed) {
    const inner = "DoStmt" in each.node ? await insideOf(each.node) : [{ node: each.node, line: 0 }];
    if (!inner) report(each, "opaque-code");
    for (const { node, line } of inner ?? []) {
      nodes.push(node);
      const known = new Set(world.ofFirms);
      for (const rule of breachesOf(node, world)) report(each, rule, line);
      for (const table of world.ofFirms) if (!known.has(table)) madeBy.set(table, each);
    }
  }
  // Asked of each table where it becomes one of firms, answered by what the whole migration does.
  for (const [table, each] of madeBy) if (isUnprotected(table, world)) report(each, "tenant-rls");
  for (const { rule, reason, line, isUsed } of placed.flatMap(({ allowed }) => allowed)) {
    if (!isUsed) findings.push(found("unused-exception", line, rule));
    else if (!reason || (ruleOf(rule as RuleName).needsRelease && !RELEASE.test(reason)))
      findings.push(found("vague-exception", line, rule));
  }
  if (!isTransaction && !isRepeatable(nodes)) findings.push(found("alone-without-transaction", 1, NO_TRANSACTION));
  remember(history, nodes);
  return findings;
}

const isUnprotected = (table: string, { enabled, forced, policies }: World): boolean =>
  !(enabled.has(table) && forced.has(table) && policies.has(table));

function isRepeatable([node, ...more]: readonly Node[]): boolean {
  if (!node || more.length > 0) return false;
  if ("IndexStmt" in node) return Boolean(node.IndexStmt.concurrent && node.IndexStmt.if_not_exists);
  return "DropStmt" in node && Boolean(node.DropStmt.concurrent && node.DropStmt.missing_ok);
}

async function insideOf(node: Node): Promise<{ node: Node; line: number }[] | null> {
  const { args = [] } = "DoStmt" in node ? node.DoStmt : {};
  const as = args.flatMap((each) => ("DefElem" in each && each.DefElem.defname === "as" ? [each.DefElem.arg] : []))[0];
  const inner = unrollLoop((as && "String" in as && as.String.sval) || "");
  if (!inner) return null;
  try {
    const parsed = await Promise.all(
      inner.map(async ({ sql, line }) => ({ stmts: (await parse(sql)).stmts ?? [], line })),
    );
    return parsed.flatMap(({ stmts, line }) => stmts.flatMap(({ stmt }) => (stmt ? [{ node: stmt, line }] : [])));
  } catch {
    return null;
  }
}

/** The statements of a file, each with its line and the exceptions right above it. The parser counts bytes, at times from the comments before a statement. */
async function statementsOf(sql: string): Promise<Placed[]> {
  const bytes = Buffer.from(sql);
  const fileLines = sql.split("\n");
  const { stmts = [] } = await parse(sql);
  return stmts.flatMap(({ stmt, stmt_location: from = 0, stmt_len: length }) => {
    if (!stmt) return [];
    const text = bytes.subarray(from, length ? from + length : undefined).toString();
    const comments = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0] ?? "";
    const before = (bytes.subarray(0, from).toString() + comments).split("\n");
    const line = before.length;
    const isFirstOfLine = before.at(-1)?.trim() === "";
    const allowed: Allowed[] = [];
    for (let at = line - 1; isFirstOfLine && fileLines[at - 1]?.trim().startsWith("--"); at--) {
      const [, rule, reason = ""] = ALLOW.exec(fileLines[at - 1]?.trim() ?? "") ?? [];
      if (rule) allowed.push({ rule, reason: reason.trim(), line: at, isUsed: false });
    }
    return [{ node: stmt, line, text: text.slice(comments.length), allowed }];
  });
}

/** A finding in words: where, what, why, and what to do instead. */
export const describeFinding = ({ file, line, rule, statement }: Finding): string =>
  `${path.relative(ROOT, file)}:${line} ${rule}: ${statement}\n  ${RULES[rule].why}\n  Instead: ${RULES[rule].instead}`;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const findings = await lintMigrations(path.join(ROOT, "prisma", "migrations"));
  for (const finding of findings) console.error(`${describeFinding(finding)}\n`);
  if (findings.length > 0)
    console.error('An exception is a comment right above the statement: "-- arrestra:allow <rule>: <reason>".');
  else console.log("the migrations are safe to apply while the service runs");
  process.exit(findings.length > 0 ? 1 : 0);
}
