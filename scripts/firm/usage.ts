/** What was typed wrongly; its words are for the person who typed it. */
export class BadCommand extends Error {}

/** What each command on firms does, and what is typed after its name. Here alone, since a list of commands is shown before there are settings. */
export const FIRM_USAGE = {
  create: {
    says: "make a firm and print its owner's link",
    usage: "--slug SLUG --name NAME --owner-email EMAIL --owner-name NAME [--time-zone ZONE]",
  },
  list: { says: "list every firm with its state", usage: "" },
  suspend: { says: "shut a firm at once; nothing is deleted", usage: "SLUG --reason WHY" },
  reactivate: { says: "open a suspended or closed firm again", usage: "SLUG" },
  "invite-owner": {
    says: "print a link for a new owner of a firm",
    usage: "SLUG --owner-email EMAIL --owner-name NAME",
  },
  export: {
    says: "write down all that a firm takes along, without --out into EVIDENCE_BUCKET",
    usage: "SLUG [--out FOLDER]",
  },
  close: { says: "shut a firm that leaves; it may be erased after 30 days", usage: "SLUG" },
  erase: { says: "erase everything of a closed firm, with a certificate", usage: "SLUG --confirm SLUG [--now]" },
} as const;
export type FirmCommand = keyof typeof FIRM_USAGE;

/** @throws BadCommand with `words` for what is none. */
export function firmCommandOf(name: string, words: string): FirmCommand {
  if (!Object.hasOwn(FIRM_USAGE, name)) throw new BadCommand(words);
  return name as FirmCommand;
}
