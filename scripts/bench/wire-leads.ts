// Invented leads as a scraper posts them. The figures follow the number of the lead, so every run sends the same rows.
import type { IngestLead } from "@/lib/contracts/ingest";

const LAST = ["FICTUS", "SPECIMEN", "PRETENSE", "EXAMPLETON", "MOCKFORD", "SAMPLESON", "PLACEHOLT"];
const FIRST = ["ROWAN", "MARLOWE", "ELLERY", "JUNIPER", "ASHBY", "LINDEN"];
const OFFENSES = [
  { offense: "DRIVING WHILE INTOXICATED 2ND", level: "MA" },
  { offense: "ASSAULT CAUSES BODILY INJURY FAMILY MEMBER", level: "MA" },
  { offense: "POSS CS PG 1 >=1G<4G", level: "F3" },
  { offense: "THEFT PROP >=$750<$2,500", level: "MA" },
  { offense: "CRIMINAL TRESPASS", level: "MB" },
  { offense: "UNL CARRYING WEAPON", level: "MA" },
  { offense: "BURGLARY OF HABITATION", level: "F2" },
] as const;
const HOUR_MS = 3_600_000;

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

/** Lead number `i` with one to three charges, as most forms have. */
export function wireLead(i: number, now: number): IngestLead {
  const arrested = now - (1 + (i % 240)) * HOUR_MS;
  return {
    sourceId: `bench-${i}`,
    sourceUrl: `https://topics.invalid/Magistrate/Details/${i}`,
    name: { first: pick(FIRST, i), middle: "Q", last: `${pick(LAST, i >> 3)} ${i}` },
    dateOfBirth: `${1960 + (i % 40)}-0${1 + (i % 9)}-1${i % 10}`,
    county: "Travis",
    arrestedAt: new Date(arrested).toISOString(),
    magistratedAt: new Date(arrested + (i % 12) * (HOUR_MS / 2)).toISOString(),
    magistrate: "HON. PERPETUA SAMPLE",
    custodyStatus: "In custody",
    charges: Array.from({ length: 1 + (i % 3) }, (_, n) => ({
      ...pick(OFFENSES, i + n * 3),
      bailType: pick(["surety", "personal", "cash_or_surety"] as const, i + n),
      ...(i % 5 === 0 ? {} : { bailCents: (1 + ((i * 7 + n) % 40)) * 50_000 }),
      ...(i % 4 === 0 ? {} : { causeNumber: `C-1-CR-26-${100_000 + i}${n}` }),
    })),
    labels: i % 6 === 0 ? ["Retained counsel"] : [],
  };
}

/** Leads in batches, each as the bytes of a request, so that writing JSON is not part of what is measured. */
export function wireBatches(leads: readonly IngestLead[], size: number): Buffer[] {
  const batches: Buffer[] = [];
  for (let at = 0; at < leads.length; at += size) {
    batches.push(Buffer.from(JSON.stringify({ source: "topics.travis", leads: leads.slice(at, at + size) })));
  }
  return batches;
}
