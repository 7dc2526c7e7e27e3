import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { type CopiedFile, type CopyState, lookAtCopies } from "@/lib/domain/leads/evidence/note-copied";
import { operatorCtx, provenOperator } from "@/lib/domain/tenants/operator-ctx";
import { allFirms } from "../firm/all-firms";
import { mayUseOwnFolders } from "../firm/environment";
import { BadUsage, CALLED, flag, read, type Say } from "./command";

const BAD: Partial<Record<CopyState, string>> = {
  missing: "is not there",
  different: "is not the file that was looked at",
  unread: "could not be read",
};

const NONE: Record<CopyState, number> = { same: 0, due: 0, noted: 0, missing: 0, different: 0, unread: 0 };

/** Holds every file that is kept with a lead against its digest, after a copy of the bucket, and notes where the good ones lie now. */
export async function copiedEvidence(args: string[], say: Say): Promise<number> {
  const { values } = read(args, { yes: flag });
  assertPlaceIsTold();
  const operator = provenOperator(newId(), systemClock);
  const all = { ...NONE };
  for (const { id, slug } of await allFirms()) {
    const own = { ...NONE };
    for await (const file of lookAtCopies(operatorCtx(operator, id), { isNoted: values.yes === true })) {
      own[file.state] += 1;
      all[file.state] += 1;
      tellBad(slug, file, say);
    }
    say(`${slug}: ${wordsOf(own)}`);
  }
  const bad = all.missing + all.different + all.unread;
  if (bad > 0)
    say(`${bad} files do not open. Copy them again, then this again; what was removed on purpose has no row.`);
  if (all.due > 0) say(`Nothing was noted. To note the ${all.due} that are due: ${CALLED} evidence copied --yes`);
  if (bad === 0 && all.due === 0) say("Every file opens.");
  return bad > 0 || all.due > 0 ? 1 : 0;
}

function tellBad(slug: string, { id, leadId, state, why }: CopiedFile, say: Say): void {
  const words = BAD[state];
  if (words) say(`${slug}: file ${id} of lead ${leadId} ${words}${why ? ` (${why})` : ""}`);
}

const wordsOf = ({ same, due, noted, missing, different, unread }: Record<CopyState, number>): string =>
  [
    `${same} as they were`,
    ...(due > 0 ? [`${due} to be noted`] : []),
    ...[`${noted} noted`, `${missing} missing`, `${different} different`],
    ...(unread > 0 ? [`${unread} not readable`] : []),
  ].join(", ");

/** A folder that nobody named is empty in every task: every file would be missing. */
function assertPlaceIsTold(): void {
  const { EVIDENCE_BUCKET, EVIDENCE_DIR } = process.env;
  if (!mayUseOwnFolders(process.env) && !EVIDENCE_BUCKET && !EVIDENCE_DIR)
    throw new BadUsage("Set EVIDENCE_BUCKET (or EVIDENCE_DIR), where the files of leads were copied to.");
}
