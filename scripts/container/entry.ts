// What the image starts: `node /app/entry.mjs <command>`. A command runs in this very process, so that a signal to it reaches the server or worker itself.
import { asksForHealth, beat } from "./heartbeat";

type Command = { says: string; run: () => Promise<unknown>; isService?: boolean };

const COMMANDS: Record<string, Command> = {
  web: { says: "serve the pages and the API", run: serve, isService: true },
  worker: { says: "do the jobs and seal the events", run: () => import("../../workers/run-jobs"), isService: true },
  scheduler: {
    says: "tell the web server what is due",
    run: () => import("../../workers/run-schedule"),
    isService: true,
  },
  bootstrap: {
    says: "make the roles of an empty database, with the passwords of their secrets",
    run: () => import("./bootstrap").then(({ bootstrap }) => bootstrap()),
  },
  migrate: { says: "bring the database to this version of the code", run: () => import("./migrate") },
  arrestra: { says: "do what operators do: arrestra help lists it", run: withSecrets(() => import("../arrestra")) },
  firm: { says: "make, shut, open, export, close and erase firms", run: withSecrets(() => import("../firm")) },
  "audit-verify": { says: "verify the audit chain of each firm", run: withSecrets(() => import("../audit-verify")) },
  "rotate-fields": { says: "seal every value with the first key", run: withSecrets(() => import("../rotate-fields")) },
  "restore-state": {
    says: "state what the database holds, to hold a restored one against",
    run: withSecrets(() => asProgram(async () => (await import("../restore/command")).stateForRestore)),
  },
  "restore-check": {
    says: "hold a restored database against such a statement",
    run: withSecrets(() => asProgram(async () => (await import("../restore/command")).checkRestored)),
  },
  "service-keys": { says: "make a new pair of service keys", run: withSecrets(() => import("../service-keys")) },
  health: { says: "ask the process of this container whether it is well", run: asksForHealth },
};

/** Bad usage, as sysexits.h numbers it. */
const USAGE = 64;

/** Next's server reads its address from here and looks for its files where it lies. */
async function serve(): Promise<void> {
  process.env.PORT ||= "3000";
  // A container's own name is what HOSTNAME says otherwise, and the server would listen there alone.
  Object.assign(process.env, { HOSTNAME: "0.0.0.0", AUTH_TRUST_HOST: "1" });
  await import(new URL("web/server.js", import.meta.url).href);
}

/** The commands of operators know nothing of secrets: they read settings. */
function withSecrets(run: () => Promise<unknown>): () => Promise<unknown> {
  return async () => {
    const { loadOwner, loadSecrets } = await import("@/lib/platform/secrets");
    await loadSecrets();
    await loadOwner();
    await run();
  };
}

/** What has no file of its own to be run from: its words, its code and its end are those of every other. */
async function asProgram(
  load: () => Promise<(args: string[], say: (line: string) => void) => Promise<number>>,
): Promise<void> {
  const { endWith } = await import("../command-end");
  await endWith(async () => (await load())(process.argv.slice(2), console.log));
}

/** The first process of a container ignores SIGTERM unless it listens for it: until the server or worker does, this ends it. */
function endWhenTold(): void {
  const end = () => process.exit(143);
  process.on("SIGTERM", end);
  process.on("newListener", (event, listener) => {
    // In the next turn: Node stops to hear a signal when its last listener goes, and the new one is not there yet.
    if (event === "SIGTERM" && listener !== end) queueMicrotask(() => process.off("SIGTERM", end));
  });
}

const name = process.argv[2] ?? "";
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command) {
  endWhenTold();
  if (name !== "health") process.setSourceMapsEnabled(true);
  // The command reads its own arguments, as if it had been called by name.
  process.argv.splice(2, 1);
  if (command.isService) beat(name);
  try {
    await command.run();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
} else {
  const lines = Object.entries(COMMANDS).map(([each, { says }]) => `  ${each.padEnd(14)} ${says}`);
  console.error([name ? `There is no command ${name}.` : "Which command?", ...lines].join("\n"));
  process.exitCode = USAGE;
}
