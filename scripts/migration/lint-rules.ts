/** What a rule says to who breaks it. `needsRelease`: an exception names the release that stopped using what goes. */
type Rule = { why: string; instead: string; needsRelease?: boolean };

const OLD_CODE = "During a rollout, and after a rollback, servers of the release before still use it.";
const CONTRACT =
  "Take it out of the code first; drop it in a later release, with an exception that names the one that stopped using it.";
const SCAN = "It reads the whole table while nobody else may use it.";

/** The rules of scripts/migration/lint-migrations.ts, by the name that an exception gives. */
export const RULES = {
  "drop-object": { why: OLD_CODE, instead: CONTRACT, needsRelease: true },
  "drop-column": { why: OLD_CODE, instead: CONTRACT, needsRelease: true },
  rename: {
    why: OLD_CODE,
    instead:
      "Add the new name beside the old one, write both, move the readers, then drop the old one in a later release.",
    needsRelease: true,
  },
  "column-type": {
    why: `${SCAN} ${OLD_CODE}`,
    instead: "Add a column of the new type beside it, write both, fill it in batches, then move the readers.",
    needsRelease: true,
  },
  "set-not-null": {
    why: `${SCAN} Servers of the release before may still write NULL.`,
    instead:
      "ADD CONSTRAINT ... CHECK (column IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT in a later migration, then SET NOT NULL, which believes the constraint.",
  },
  "volatile-default": {
    why: "Every row gets a value of its own, so the whole table is written anew while nobody else may use it.",
    instead: "Add the column without a default, set the default in a second statement, fill old rows in batches.",
  },
  "not-null-without-default": {
    why: "It fails on a table with rows, and servers of the release before insert rows without it.",
    instead: "Add it with a constant DEFAULT, or without NOT NULL.",
  },
  "constraint-not-valid": {
    why: `${SCAN} A foreign key stops writes to both tables.`,
    instead: "ADD CONSTRAINT ... NOT VALID as a statement of its own, and VALIDATE CONSTRAINT in a later migration.",
  },
  "validate-apart": {
    why: "The lock of ADD CONSTRAINT is kept to the end of the transaction, so the check runs while nobody else may use the table.",
    instead: "Put VALIDATE CONSTRAINT into a later migration.",
  },
  "unique-using-index": {
    why: "It builds an index while nobody else may use the table.",
    instead: "CREATE UNIQUE INDEX CONCURRENTLY in a migration of its own, then ADD CONSTRAINT ... UNIQUE USING INDEX.",
  },
  "index-concurrently": {
    why: "Nobody can write to the table until the index is built.",
    instead: 'CREATE INDEX CONCURRENTLY, in a migration of its own whose first line is "-- arrestra:no-transaction".',
  },
  "concurrently-in-transaction": {
    why: "Postgres refuses it inside a transaction.",
    instead: 'Put it into a migration of its own whose first line is "-- arrestra:no-transaction".',
  },
  "alone-without-transaction": {
    why: "What fails half-way stays half-done, and `prisma migrate deploy` sends a file in one transaction unless it is one statement.",
    instead:
      "One statement per migration, CREATE INDEX CONCURRENTLY IF NOT EXISTS or DROP INDEX CONCURRENTLY IF EXISTS, which can be repeated.",
  },
  "lock-table": {
    why: "Everybody else waits until the migration is through.",
    instead: "Do without: a migration that needs it holds up the service.",
  },
  truncate: {
    why: "What was there is gone, and everybody else waits.",
    instead: "Delete in batches by a job, after nothing reads it.",
  },
  "whole-table-write": {
    why: "It locks every row of the table until the migration is through, and a rollback of the release does not bring back what stood there.",
    instead: "A job that works through the rows in batches; or a WHERE that picks few.",
  },
  "tenant-rls": {
    why: "A table of firms without row-level security shows every firm's rows to every firm.",
    instead:
      "In the same migration: ALTER TABLE ... ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, and CREATE POLICY.",
  },
  "weaker-rls": {
    why: "It takes away what keeps firms apart, for as long as it is missing at least.",
    instead: "Add the new policy in the same transaction and say in the exception which one takes its place.",
  },
  "definer-search-path": {
    why: "Whoever may create a function or operator in a schema of the caller's path runs code as its owner.",
    instead: "SECURITY DEFINER SET search_path = pg_catalog, public.",
  },
  "grant-public": {
    why: "Every role of the server may use it.",
    instead: "Grant to arrestra_app, arrestra_platform or arrestra_search what its verbs need.",
  },
  enum: {
    why: "A value of an enum can never be removed, and servers of the release before fail on one they do not know.",
    instead: "text with a CHECK (... IN (...)).",
  },
  "rewrite-table": {
    why: "It writes the whole table anew while nobody else may use it.",
    instead: "REINDEX CONCURRENTLY; leave the rest to autovacuum.",
  },
  "opaque-code": {
    why: "What the block would run cannot be seen before it runs.",
    instead:
      "Plain statements, or FOREACH name IN ARRAY ARRAY['...'] LOOP with nothing but EXECUTE format('... %I ...', name).",
  },
  "unused-exception": {
    why: "It excuses nothing, and would excuse the next thing that comes along.",
    instead: "Take the comment away.",
  },
  "vague-exception": {
    why: "Nobody can tell later whether it still holds.",
    instead:
      '"-- arrestra:allow <rule>: <reason>"; for what goes, the reason names the release that stopped using it ("release 2026.11.2").',
  },
  syntax: { why: "Postgres cannot read it.", instead: "Mend it." },
} satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

/** The rule by its name. */
export const ruleOf = (name: RuleName): Rule => RULES[name];
