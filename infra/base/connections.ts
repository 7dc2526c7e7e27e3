import type { Size } from "../sizes";

/** GiB of memory of the machines that the sizes name. */
const MEMORY_GIB: Readonly<Record<string, number>> = { "t4g.small": 2, "m7g.large": 8 };
/** RDS's own setting of max_connections: one for so many bytes of memory, and no more than 5000. */
const BYTES_EACH = 9_531_392;
const AT_MOST = 5000;
/** Of a web server beside its pool (lib/platform/db.ts, lib/platform/queue.ts): the house's questions and the sender of jobs. */
export const BESIDE_POOL = { house: 4, sender: 1 };
/** Of a job runner besides: what takes the jobs. */
export const OF_RUNNER = 4;

/** How many connections the machine of a size allows. A little less in truth: RDS keeps some of the memory and a few connections for itself. */
export function connectionsAllowed({ database }: Size): number {
  const gib = MEMORY_GIB[database.instance];
  if (!gib) throw new Error(`How much memory has a ${database.instance}? Say it in infra/base/connections.ts.`);
  return Math.min(AT_MOST, Math.floor((gib * 1024 ** 3) / BYTES_EACH));
}

/** From here on an alarm speaks: four fifths. */
export const connectionsAlarming = (size: Size): number => Math.floor(connectionsAllowed(size) * 0.8);

/** What all tasks take at most: as many as they may become, twice over while a release replaces them, and one task of an operator. */
export function connectionsTaken({ database, web, worker }: Size): number {
  const ofWeb = database.pool + BESIDE_POOL.house + BESIDE_POOL.sender;
  const ofWorker = ofWeb + OF_RUNNER;
  return 2 * (web.max * ofWeb + worker.max * ofWorker) + ofWeb;
}
