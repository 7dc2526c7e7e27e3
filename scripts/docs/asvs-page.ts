import type { Requirement, Verdict } from "@/tests/asvs/requirement";
import { REQUIREMENTS } from "@/tests/asvs/requirements";
import { table } from "./table";

const WORDS: Record<Verdict["is"], string> = { met: "met", notApplicable: "not applicable", open: "open" };
const VERDICTS = Object.keys(WORDS) as Verdict["is"][];
const LEVELS = [1, 2, 3] as const;

/** How many requirements of each level there are, by verdict. */
export function asvsCounts(): string {
  const count = (level: number, is: Verdict["is"]) =>
    String(REQUIREMENTS.filter((each) => each.level === level && each.verdict.is === is).length);
  const rows = LEVELS.map((level) => [
    level === 3 ? "3 (the few that we set ourselves)" : String(level),
    ...VERDICTS.map((is) => count(level, is)),
  ]);
  return table(["level", ...VERDICTS.map((is) => WORDS[is])], rows);
}

/** Every requirement with its verdict, and what shows it. */
export const asvsTable = (): string =>
  table(
    ["id", "level", "about", "", "shown by, or why"],
    REQUIREMENTS.map((each) => [each.id, String(each.level), each.about, WORDS[each.verdict.is], proofOf(each)]),
  );

function proofOf({ verdict }: Requirement): string {
  if (verdict.is === "notApplicable") return verdict.why;
  if (verdict.is === "open") return verdict.missing;
  return verdict.by.map(({ file, title }) => `\`tests/${file}\`: ${plain(title)}`).join("<br>");
}

/** A title as text of a table: nothing in it is Markdown. */
const plain = (title: string): string => title.replaceAll("|", "\\|").replace(/[<>*_`]/g, "\\$&");
