// A base backup and archived WAL of a PostgreSQL on this machine, and the restore of both to a moment. RDS does the same by itself.
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { chown, copyFile, mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { withClient } from "../bootstrap-database";
import { type PostgresServer, startPostgres } from "../embedded-postgres";
import { homeOf, isRoot, makeFolder, NOBODY } from "../postgres-files";

const SEGMENT_BYTES = 16 * 1024 * 1024;
const SEGMENTS_PER_LOG = 0x1_0000_0000 / SEGMENT_BYTES;
const ARCHIVE_DEADLINE_MS = 30_000;

/** Not of a backup: whose process it was, and WAL, which comes from the archive. */
const LEFT_OUT =
  /^(postmaster\.(pid|opts)|pg_wal\/.+|pg_(replslot|dynshmem|notify|serial|snapshots|stat_tmp|subtrans)\/.+)$/;

/** A moment that can be gone back to, and the last segment of WAL that is needed for it. */
export type Point = { at: string; lastSegment: string };

/** Starts a server that copies each full segment of WAL to `archive`. What it acknowledged is on disk. */
export async function startArchiving(base: string, archive: string): Promise<PostgresServer> {
  makeFolder(path.dirname(archive));
  mkdirSync(archive, { mode: 0o700 });
  if (isRoot) chownSync(archive, NOBODY.uid, NOBODY.gid);
  const place = `${inShell(archive)}/%f`;
  return startPostgres(base, {
    settings: {
      wal_level: "replica",
      archive_mode: "on",
      // Under its name only when it is whole, and never over one that is there.
      archive_command: `test ! -f ${place} && cp %p ${place}.part && mv ${place}.part ${place}`,
    },
  });
}

/** A folder as the server hands it to the shell: percent signs are its own. */
const inShell = (folder: string): string => `'${folder.replaceAll("'", "'\\''").replaceAll("%", "%%")}'`;

/** Copies the running cluster to `target`, while others go on writing. */
export async function takeBackup(server: PostgresServer, target: string): Promise<void> {
  const home = path.dirname(server.logFile);
  makeFolder(target);
  await withClient(server.adminUrl(), async (client) => {
    await client.query("SELECT pg_backup_start('restore drill', true)");
    await copyCluster(path.join(home, "data"), path.join(target, "data"));
    const { rows } = await client.query<{ labelfile: string; spcmapfile: string }>(
      "SELECT labelfile, spcmapfile FROM pg_backup_stop(true)",
    );
    if (rows[0]?.spcmapfile) throw new Error("The cluster has tablespaces: this drill copies one folder only.");
    giveFile(path.join(target, "data", "backup_label"), rows[0]?.labelfile ?? "");
  });
  copyFileSync(path.join(home, "superuser-password"), path.join(target, "superuser-password"));
}

async function copyCluster(from: string, to: string, at = ""): Promise<void> {
  const folder = path.join(to, at);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (isRoot) await chown(folder, NOBODY.uid, NOBODY.gid);
  for (const entry of await readdir(path.join(from, at), { withFileTypes: true })) {
    const name = path.posix.join(at, entry.name);
    if (LEFT_OUT.test(name)) continue;
    if (entry.isDirectory()) await copyCluster(from, to, name);
    else await copyUnlessGone(path.join(from, name), path.join(to, name));
  }
}

/** A file of a table that is dropped meanwhile is none that the restore needs. */
async function copyUnlessGone(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (isRoot) await chown(to, NOBODY.uid, NOBODY.gid);
}

function giveFile(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  if (isRoot) chownSync(file, NOBODY.uid, NOBODY.gid);
}

/** The database's own clock, now: what was committed until then will be there, what comes later will not. */
export const noteMoment = (server: PostgresServer): Promise<string> =>
  withClient(server.adminUrl(), async (client) => {
    const { rows } = await client.query<{ at: string }>("SELECT clock_timestamp()::text AS at");
    return rows[0]?.at ?? "";
  });

/** Closes the segment that is written now and waits until it is archived. Something must have been committed since the moment that is gone back to. */
export async function archiveAll(server: PostgresServer): Promise<string> {
  return withClient(server.adminUrl(), async (client) => {
    const { rows } = await client.query<{ segment: string }>("SELECT pg_walfile_name(pg_switch_wal()) AS segment");
    const segment = rows[0]?.segment ?? "";
    for (const deadline = Date.now() + ARCHIVE_DEADLINE_MS; !(await isArchived(client, segment)); await sleep(25)) {
      if (Date.now() > deadline) throw new Error(`The segment ${segment} was not archived within 30 s.`);
    }
    return segment;
  });
}

async function isArchived(client: pg.Client, segment: string): Promise<boolean> {
  const { rows } = await client.query<{ done: boolean }>(
    "SELECT last_archived_wal >= $1 AS done FROM pg_stat_archiver",
    [segment],
  );
  return rows[0]?.done === true;
}

/** The segments between the backup and the point that the archive lacks or holds in part. */
export function findMissingSegments(backup: string, archive: string, { lastSegment }: Point): string[] {
  const label = readFileSync(path.join(backup, "data", "backup_label"), "utf8");
  const first = /^START WAL LOCATION: .*\(file ([0-9A-F]{24})\)/m.exec(label)?.[1];
  if (!first) throw new Error(`${backup} has no backup_label that names its first segment.`);
  const whole = new Set(
    readdirSync(archive).filter((name) => statSync(path.join(archive, name)).size === SEGMENT_BYTES),
  );
  const missing: string[] = [];
  for (let at = numberOf(first); at <= numberOf(lastSegment); at++) {
    const name = nameOf(first.slice(0, 8), at);
    if (!whole.has(name)) missing.push(name);
  }
  return missing;
}

const numberOf = (segment: string): number =>
  Number.parseInt(segment.slice(8, 16), 16) * SEGMENTS_PER_LOG + Number.parseInt(segment.slice(16), 16);

function nameOf(timeline: string, segment: number): string {
  const digits = [Math.floor(segment / SEGMENTS_PER_LOG), segment % SEGMENTS_PER_LOG].map((part) =>
    part.toString(16).toUpperCase().padStart(8, "0"),
  );
  return timeline + digits.join("");
}

/**
 * Makes a cluster of its own in `base` from backup and archive, as it was at the point, and starts it on a free port.
 * @throws Error that names the segments when the archive has a gap: the server would only say that it did not get there.
 */
export async function restoreTo(
  base: string,
  from: { backup: string; archive: string },
  point: Point,
): Promise<PostgresServer> {
  const missing = findMissingSegments(from.backup, from.archive, point);
  if (missing.length > 0)
    throw new Error(`The archive lacks ${missing.join(", ")}: nothing after that can be restored.`);
  const home = homeOf(base);
  if (existsSync(path.join(home, "data"))) throw new Error(`${home} holds a cluster already.`);
  makeFolder(home);
  await copyCluster(path.join(from.backup, "data"), path.join(home, "data"));
  giveFile(path.join(home, "data", "recovery.signal"), "");
  copyFileSync(path.join(from.backup, "superuser-password"), path.join(home, "superuser-password"));
  return startPostgres(base, {
    settings: {
      archive_mode: "off",
      // Nobody is let in before the point is reached: on the way there, a reader would see an earlier state and take it for the restored one.
      hot_standby: "off",
      restore_command: `cp ${inShell(from.archive)}/%f %p`,
      recovery_target_time: point.at,
      recovery_target_action: "promote",
    },
  });
}
