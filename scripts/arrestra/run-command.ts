import type { ParseArgsOptionsConfig } from "node:util";
import { wordsOf } from "../command-end";
import { takeFirmEnvironment } from "../firm/environment";
import { BadUsage, CALLED, type Command, need, read, type Say, text } from "./command";
import { FIRM } from "./firm";
import { runScraper } from "./programs";

/** Bad usage, as sysexits.h numbers it. */
const USAGE = 64;

/** Before anything of lib/ is loaded, which reads its settings once: as the environment says, or those of the demonstration of this clone. Says first of which. */
const inHouse =
  (load: () => Promise<Command["run"]>): Command["run"] =>
  async (args, say, complain) => {
    complain(takeFirmEnvironment());
    return (await load())(args, say, complain);
  };

/** What finds its settings by itself. Its options are looked at before it starts, so that what it does not know ends like any other slip. */
const program =
  (options: ParseArgsOptionsConfig, load: () => Promise<Command["run"]>): Command["run"] =>
  async (args, say, complain) => {
    read(args, options);
    return (await load())(args, say, complain);
  };

const WHERE = "(--out FILE | --show)";

/** Every command, by its two words or its one. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  ...Object.fromEntries(
    Object.entries(FIRM).map(([name, each]) => [`firm ${name}`, { ...each, run: inHouse(async () => each.run) }]),
  ),
  "keys issue": {
    says: "make an API key of a firm",
    usage: `--firm SLUG --name NAME --scopes leads:ingest,leads:read [--days 365|never] ${WHERE}`,
    run: inHouse(async () => (await import("./keys")).issueKey),
  },
  "keys rotate": {
    says: "make the key that takes over from one",
    usage: `arl_live_KID [--firm SLUG] [--overlap-hours 24] ${WHERE}`,
    run: inHouse(async () => (await import("./keys")).rotateKey),
  },
  "keys revoke": {
    says: "end an API key at once, also one that leaked",
    usage: "arl_live_KID [--firm SLUG]",
    run: inHouse(async () => (await import("./keys")).revokeKey),
  },
  "keys list": {
    says: "list the API keys of a firm, without their texts",
    usage: "--firm SLUG",
    run: inHouse(async () => (await import("./keys")).listKeys),
  },
  "person find": {
    says: "find leads of a person who is to be erased",
    usage: "(SLUG | --all-firms) (--name NAME | --cause NUMBER | --source-id ID)",
    run: inHouse(async () => (await import("./person")).findLeads),
  },
  "person erase": {
    says: "erase a person for good, with a certificate",
    usage:
      "SLUG LEAD_ID... --because expunction|nondisclosure|mistaken|request [--order NUMBER] [--all-firms] [--json] [--yes]",
    run: inHouse(async () => (await import("./person")).erase),
  },
  "person replay": {
    says: "erase again whom a restore of the database brought back",
    usage: "[--keep-again]",
    run: inHouse(async () => (await import("./person")).replay),
  },
  "sources run": {
    says: "read courts now, hold a source or let it go on",
    usage: "[--county NAME ...] [--all] [--browser] [--accept-list] [--hold NAME] [--resume NAME]",
    run: (args) => runScraper(args, USAGE),
  },
  "sources replay": {
    says: "read the raw pages of a day again; asks no court, posts nothing",
    usage: "--county NAME [--county NAME ...] --day YYYY-MM-DD",
    run: async (args) => {
      const { values } = read(args, { county: { ...text, multiple: true }, day: text });
      const counties = [values.county ?? []].flat().map((each) => `--county=${each}`);
      if (counties.length === 0) throw new BadUsage("--county is missing.");
      return runScraper([...counties, `--replay=${need(values, "day")}`], USAGE);
    },
  },
  "queue list": {
    says: "list the queues with work in them, and dead letters",
    usage: "",
    run: inHouse(async () => (await import("./queue")).listQueues),
  },
  "queue show": {
    says: "show what waits, runs and fails in one queue, and why",
    usage: "QUEUE",
    run: inHouse(async () => (await import("./queue-jobs")).showQueue),
  },
  "queue redrive": {
    says: "put the dead letters of a queue back into it",
    usage: "QUEUE [--at-most 1000]",
    run: inHouse(async () => (await import("./queue")).redriveQueue),
  },
  "queue drop": {
    says: "take one job away that cannot be done",
    usage: "QUEUE JOB [--yes]",
    run: inHouse(async () => (await import("./queue-jobs")).dropJob),
  },
  connections: {
    says: "list the connections to the database, or end one",
    usage: "[--end PID]",
    run: inHouse(async () => (await import("./connections")).connections),
  },
  "audit verify": {
    says: "verify the audit chain of each firm against its signed heads",
    usage: "[--firm SLUG] [--head FILE]",
    run: program({ firm: text, head: text }, async () => (await import("../audit/command")).verifyAudit),
  },
  "fields rotate": {
    says: "seal every encrypted value with the first of FIELD_KEYS",
    usage: "[--batch ROWS]",
    run: program({ batch: text }, async () => (await import("../fields/command")).rotateAllFields),
  },
  "restore state": {
    says: "state what the database holds, to hold a restored one against",
    usage: "[--file FILE]",
    run: program({ file: text }, async () => (await import("../restore/command")).stateForRestore),
  },
  "restore check": {
    says: "hold a restored database against a statement",
    usage: "(--statement NAME | --file FILE) [--host HOST]",
    run: program(
      { file: text, statement: text, host: text },
      async () => (await import("../restore/command")).checkRestored,
    ),
  },
  "evidence copied": {
    says: "note where files of leads lie after their bucket was copied",
    usage: "[--yes]",
    run: inHouse(async () => (await import("./evidence")).copiedEvidence),
  },
  health: {
    says: "judge database, migrations, audit trails, queues and sources",
    usage: "",
    run: inHouse(async () => (await import("./health")).showHealth),
  },
};

/** The commands whose first word is `group`, all without one, a line each. */
export function helpFor(group = ""): string {
  const lines = Object.entries(COMMANDS)
    .filter(([name]) => group === "" || name.split(" ")[0] === group)
    .map(([name, { says }]) => `  ${name.padEnd(18)} ${says}`);
  return [
    `${CALLED} COMMAND`,
    ...lines,
    `  ${"help".padEnd(18)} this list; help COMMAND says what a command takes`,
  ].join("\n");
}

/** Does what was typed. Gives the code to end with: 0 done, 1 not done or something is wrong, 64 not understood. */
export async function runArrestra(args: readonly string[], say: Say, complain: Say): Promise<number> {
  const [first = "", second = ""] = args;
  if (["help", "--help", "-h"].includes(first)) return help(args.slice(1), say, complain);
  const name = Object.hasOwn(COMMANDS, first) ? first : `${first} ${second}`;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const isGroup = Object.keys(COMMANDS).some((each) => each.startsWith(`${first} `));
    if (first) complain(`There is no command ${isGroup && second ? name : first}.`);
    complain(helpFor(isGroup ? first : ""));
    return USAGE;
  }
  try {
    return await command.run(args.slice(name.split(" ").length), say, complain);
  } catch (error) {
    complain(wordsOf(error));
    if (!(error instanceof BadUsage)) return 1;
    complain(`${CALLED} ${name} ${command.usage}`.trimEnd());
    return USAGE;
  }
}

function help(words: readonly string[], say: Say, complain: Say): number {
  const name = words.join(" ");
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) say(`${CALLED} ${name} ${command.usage}`.trimEnd().concat(`\n  ${command.says}`));
  else if (name === "" || Object.keys(COMMANDS).some((each) => each.startsWith(`${name} `))) say(helpFor(name));
  else {
    complain(`There is no command ${name}.\n${helpFor()}`);
    return USAGE;
  }
  return 0;
}
