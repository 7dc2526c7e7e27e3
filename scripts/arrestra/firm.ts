import { BadCommand, FIRM_USAGE, type FirmCommand } from "../firm/usage";
import { BadUsage, CALLED, type Command } from "./command";

/** The commands of `npm run firm`, by the same words. */
export const FIRM: Record<string, Command> = Object.fromEntries(
  Object.entries(FIRM_USAGE).map(([name, { says, usage }]) => [
    name,
    {
      says,
      usage,
      run: async (args, say) => {
        const { runFirm } = await import("../firm/commands");
        try {
          say(await runFirm(name as FirmCommand, args, `${CALLED} firm`));
          return 0;
        } catch (error) {
          if (error instanceof BadCommand) throw new BadUsage(error.message, { cause: error });
          throw error;
        }
      },
    } satisfies Command,
  ]),
);
