import { createHash } from "node:crypto";
import { type County, findCounty } from "@/lib/core/county";
import { evenSpaces } from "@/lib/core/person-name";
import { PageChanged } from "../errors";
import type { ListedForm, Listing } from "../source";
import { decodeEntities } from "./entities";

/** A row of the TOPICs list. Texts are as printed, with even spaces and nothing a database refuses. */
export type TopicsRow = ListedForm & { name: string; causeNumber: string; offense: string };

/** Printable text: no control characters, no lone surrogates (they become U+FFFD, as a broken byte does). */
export const clean = (printed: string): string => evenSpaces(printed.toWellFormed());

/**
 * The rows of `POST /BailPublic/GetAllBailForms`: `{"data":[[name, cause number, location, offense, id], ...]}`. An id that is listed
 * several times is one form. Rows of another county are left out. Throws `PageChanged` when the reply is not that shape, or when the columns
 * stand in another order.
 */
export function parseList(body: string, county: County): Listing<TopicsRow> {
  const rows = dataOf(body);
  const listing: Listing<TopicsRow> = { rows: [], refused: [] };
  const seen = new Map<string, TopicsRow>();
  let misplaced = 0;
  let elsewhere = 0;
  for (const [index, row] of rows.entries()) {
    const [name = "", causeNumber = "", location = "", offense = "", id = ""] = row.map((cell) =>
      clean(decodeEntities(cell)),
    );
    const where = findCounty(location);
    if (row.length !== 5 || !/^\d{1,20}$/.test(id) || where === null) {
      misplaced += 1;
      listing.refused.push({ index, reason: "the columns do not read as name, cause number, location, offense, id" });
    } else if (where !== county) {
      elsewhere += 1;
    } else if (!/[\p{L}\ufffd]/u.test(name)) {
      listing.refused.push({ index, reason: "no name" });
    } else {
      const first = seen.get(id);
      const found = first ?? { id, name, causeNumber, offense, rowHash: "" };
      // Some days a form has one row per offense. Summed, so that their order does not matter.
      found.rowHash = addHashes(found.rowHash, row);
      if (!first) listing.rows.push(found);
      seen.set(id, found);
    }
  }
  if (misplaced * 2 > rows.length)
    throw new PageChanged("list columns", `${misplaced} of ${rows.length} rows do not fit`);
  if (elsewhere > 0 && elsewhere === rows.length)
    throw new PageChanged("list filter", "every row is of another county");
  assertNamesFirst(listing.rows);
  return listing;
}

function dataOf(body: string): string[][] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new PageChanged("list JSON", "the reply is not JSON");
  }
  const data = typeof parsed === "object" && parsed !== null && "data" in parsed ? parsed.data : undefined;
  if (!Array.isArray(data)) throw new PageChanged("list data", "`data` is missing");
  return data.map((row: unknown) =>
    Array.isArray(row)
      ? row.map((cell: unknown) => (typeof cell === "string" ? cell : cell === null ? "" : "\u0000"))
      : [],
  );
}

/** The columns have no titles. Names print as `LAST, FIRST`; when that shape sits in another column instead, they were swapped. */
function assertNamesFirst(rows: TopicsRow[]): void {
  const shaped = (pick: (row: TopicsRow) => string): number =>
    rows.filter((row) => /^[^,\d]*,\s*[^,\d]+$/.test(pick(row))).length;
  const names = shaped((row) => row.name);
  for (const pick of [(row: TopicsRow) => row.causeNumber, (row: TopicsRow) => row.offense]) {
    const elsewhere = shaped(pick);
    if (elsewhere > names && elsewhere * 2 > rows.length) {
      throw new PageChanged("list columns", "another column reads like names");
    }
  }
  const causes = rows.filter((row) => row.causeNumber !== "");
  const inNames = rows.filter((row) => /^\S*\d\S*$/.test(row.name)).length;
  if (causes.length > 0 && inNames * 2 > rows.length)
    throw new PageChanged("list columns", "names read like cause numbers");
}

/** Adds a row to the hash of a form's rows; the sum is the same in any order. */
function addHashes(sum: string, row: string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(row)).digest().readBigUInt64BE();
  return BigInt.asUintN(64, BigInt(`0x${sum || "0"}`) + hash).toString(16);
}
