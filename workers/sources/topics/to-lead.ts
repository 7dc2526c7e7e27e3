import type { IngestLead } from "@/lib/contracts/ingest";
import type { County } from "@/lib/core/county";
import { PageChanged } from "../errors";
import { decodeEntities } from "./entities";
import type { BailForm } from "./parse-detail";
import type { TopicsRow } from "./parse-list";

/** The lead that a list row and its bail form make together. The name goes out as printed; the API takes it apart. */
export function toLead(row: TopicsRow, form: BailForm, county: County, sourceUrl: string): IngestLead {
  // Neither page names its row's columns, so the two are checked against each other before anybody is called an offense.
  if (form.charges.some((charge) => charge.offense === row.name)) {
    throw new PageChanged("list columns", "the name column shows the offense");
  }
  if (form.printedName && !shareAWord(form.printedName, row.name)) {
    throw new PageChanged("name", "the page is of another person than the list's row");
  }
  const { printedName: _, arrestedAt, magistratedAt, charges, labels, ...rest } = form;
  const [only] = charges;
  // The list sometimes knows the cause number first. With several offenses it would be a guess whose it is.
  const fromList = charges.length === 1 && only && !only.causeNumber && row.causeNumber !== "";
  return {
    sourceId: row.id,
    sourceUrl,
    name: { full: row.name.slice(0, 300).trim().toWellFormed() },
    county,
    ...rest,
    ...(arrestedAt ? { arrestedAt: arrestedAt.toISOString() } : {}),
    ...(magistratedAt ? { magistratedAt: magistratedAt.toISOString() } : {}),
    charges: fromList ? [{ ...only, causeNumber: row.causeNumber.slice(0, 80).trim().toWellFormed() }] : charges,
    ...(labels.length > 0 ? { labels } : {}),
  };
}

const words = (name: string): string[] =>
  decodeEntities(name)
    .toUpperCase()
    .split(/[^\p{L}\p{M}\ufffd]+/u)
    .filter(Boolean);

/** Whether two printings can be of one name, in whatever order. */
function shareAWord(one: string, other: string): boolean {
  const there = new Set(words(other));
  return words(one).some((word) => there.has(word));
}
