import { DATABASES, FULL } from "./inputs";

export type Database = (typeof DATABASES)[number];

/** The cores of a database that may be busy for hours. */
export const roomOf = ({ cores, sustained }: Database): number => sustained ?? cores * FULL;

/** The smallest database that is filled to FULL at most when it is busiest; null when none is large enough. */
export const databaseFor = (busy: number): Database | null => DATABASES.find((each) => roomOf(each) >= busy) ?? null;

/** A machine of the table by its name. */
export function databaseNamed(name: string): Database {
  const found = DATABASES.find((each) => each.name === name);
  if (!found) throw new Error(`inputs.ts has no database ${name}.`);
  return found;
}

export const LARGEST = DATABASES[DATABASES.length - 1] as Database;
