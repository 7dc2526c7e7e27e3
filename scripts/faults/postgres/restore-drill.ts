import { chownSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import path from "node:path";
import { removePostgres, startPostgres } from "../../embedded-postgres";
import { isRoot, NOBODY } from "../../postgres-files";
import { compareRestored } from "../../restore/compare";
import { type Rehearsal, rehearse } from "../../restore/drill";
import type { Fault, Verdict } from "../fault";
import type { House } from "../house";

export const restoreDrill: Fault = {
  name: "restore-drill",
  about:
    "Leads come in during a base backup and after it, are sealed and signed; then somebody with the owner's password deletes charges and contacts. From backup and archived log a new server is brought to the moment before the harm, and held against what was stated then: row counts, a hash of every table, each firm's audit chain with its signed heads, every acknowledged lead. `npm run drill:restore` does the same alone.",
  invariant: "counts, hashes and audit heads equal; no acknowledged lead lost (RPO 0)",
  play: async (house) => {
    const drill = await rehearseIn(house);
    return judge(drill, drill.restoredUrl);
  },
  control: {
    without: "the segments of the log that were archived after the backup",
    play: async (house) => {
      const drill = await rehearseIn(house);
      return judge(drill, await restoreCut(house, drill));
    },
  },
};

async function rehearseIn(house: House): Promise<Rehearsal> {
  const drill = await rehearse(house.folder(), (line) => house.say(line.trim()));
  house.afterwards(() => drill.close());
  return drill;
}

async function judge(drill: Rehearsal, restoredUrl: string): Promise<Verdict> {
  const checks = await compareRestored(drill.before, restoredUrl);
  const differing = (name: string) => checks.find((check) => check.name === name)?.differences.length ?? Number.NaN;
  const figures = {
    acknowledged: drill.before.acknowledged.length,
    lost: differing("acknowledged writes"),
    counts: differing("row counts"),
    contents: differing("content"),
    chains: differing("audit chains"),
    heads: differing("signed heads"),
  };
  const { acknowledged: _, ...differences } = figures;
  return { holds: Object.values(differences).every((count) => count === 0), figures };
}

/** Restores with an archive that ends where the backup does, to its end: the server has no way to know that there was more. */
async function restoreCut(house: House, { from }: Rehearsal): Promise<string> {
  const folder = house.folder();
  const [base, archive] = [path.join(folder, "cut"), path.join(folder, "archive")];
  const label = readdirSync(from.archive).find((name) => name.endsWith(".backup"));
  const stop = /^STOP WAL LOCATION: .*\(file ([0-9A-F]{24})\)/m.exec(
    readFileSync(path.join(from.archive, label ?? ""), "utf8"),
  )?.[1];
  if (!stop) throw new Error("The archive does not say where the backup ended.");
  mkdirSync(archive);
  for (const name of readdirSync(from.archive))
    if (name.slice(0, 24) <= stop) cpSync(path.join(from.archive, name), path.join(archive, name));
  mkdirSync(base);
  // With their owner: root's copy would be root's.
  await cp(path.join(from.backup, "data"), path.join(base, "data"), { recursive: true, preserveTimestamps: true });
  cpSync(path.join(from.backup, "superuser-password"), path.join(base, "superuser-password"));
  writeFileSync(path.join(base, "data", "recovery.signal"), "");
  if (isRoot) giveToNobody(path.join(base, "data"));
  const server = await startPostgres(base, {
    settings: { archive_mode: "off", hot_standby: "off", restore_command: `cp '${archive}'/%f %p` },
  });
  house.afterwards(() => removePostgres(base));
  return server.adminUrl("arrestra");
}

function giveToNobody(folder: string): void {
  for (const each of [
    folder,
    ...readdirSync(folder, { recursive: true }).map((name) => path.join(folder, String(name))),
  ])
    chownSync(each, NOBODY.uid, NOBODY.gid);
}
