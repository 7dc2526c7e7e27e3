import { BadUsage, CALLED, type Command } from "./command";

const OLD = "npm run firm --";

/** What was wrong, without the list of all commands that follows it there: the one that was meant stands below it here. */
function slipOf(message: string): string {
  const [slip = ""] = message.split("\n\n");
  return slip.startsWith(OLD) ? "A word is missing, or there is one too many." : slip;
}

/** The commands of `npm run firm`, by the same words. */
const command = (name: string, says: string, usage: string): [string, Command] => [
  name,
  {
    says,
    usage,
    run: async (args, say) => {
      const { BadCommand, runFirmCommand } = await import("../firm/commands");
      const words = (message: string) => message.replaceAll(OLD, `${CALLED} firm`);
      try {
        say(words(await runFirmCommand([name, ...args])));
        return 0;
      } catch (error) {
        if (error instanceof BadCommand) throw new BadUsage(words(slipOf(error.message)), { cause: error });
        throw error;
      }
    },
  },
];

export const FIRM: Record<string, Command> = Object.fromEntries([
  command(
    "create",
    "make a firm and print its owner's link",
    "--slug SLUG --name NAME --owner-email EMAIL --owner-name NAME [--time-zone ZONE]",
  ),
  command("list", "list every firm with its state", ""),
  command("suspend", "shut a firm at once; nothing is deleted", "SLUG --reason WHY"),
  command("reactivate", "open a suspended or closed firm again", "SLUG"),
  command("invite-owner", "print a link for a new owner of a firm", "SLUG --owner-email EMAIL --owner-name NAME"),
  command("export", "write down all that a firm may take along", "SLUG [--out FOLDER]"),
  command("close", "shut a firm that leaves; it may be erased after 30 days", "SLUG"),
  command("erase", "erase everything of a closed firm, with a certificate", "SLUG --confirm SLUG [--now]"),
]);
