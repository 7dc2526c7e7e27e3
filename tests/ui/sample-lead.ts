import type { ChargeDto, ContactDto, EnrichmentDto, LeadDetail, LeadDto, LeadFilter } from "@/lib/contracts/leads";

/** The moment of every sample: Thursday, March 12, 2026, 6:04 AM CDT. */
export const NOW = "2026-03-12T11:04:00Z";

export const ANY_LEAD: LeadFilter = {
  status: [],
  county: [],
  band: [],
  dateField: "firstSeen",
  sort: "score",
  dir: "desc",
  newSinceMyLastVisit: false,
};

export const noBail: LeadDto["bail"] = {
  totalCents: null,
  bonds: 0,
  type: null,
  deniedCount: 0,
  notSetCount: 0,
  blankCount: 0,
  previousTotalCents: null,
  changedAt: null,
};

/** An invented lead as the list shows it. */
export const sampleLead = (changes: Partial<LeadDto> = {}): LeadDto => ({
  id: "0190a000-0000-7000-8000-000000000001",
  version: 3,
  source: "topics.travis",
  sourceId: "1234871",
  sourceUrl: null,
  name: "Samplewood, Jordan Avery",
  dateOfBirth: "1991-06-01",
  county: "Travis",
  timeZone: "America/Chicago",
  status: "reviewed",
  score: 84,
  band: "hot",
  arrestedAt: "2026-03-11T02:37:00Z",
  magistratedAt: "2026-03-11T09:10:00Z",
  firstSeenAt: "2026-03-11T12:52:00Z",
  lastSeenAt: "2026-03-12T09:51:00Z",
  withdrawnAt: null,
  topOffense: "Evading arrest det w/veh",
  topClass: "F3",
  chargeCount: 1,
  bail: { ...noBail, totalCents: 750_000, bonds: 1, type: "surety" },
  contact: "none",
  isNew: false,
  ...changes,
});

export const sampleCharge = (changes: Partial<ChargeDto> = {}): ChargeDto => ({
  ordinal: 1,
  offense: "Evading arrest det w/veh",
  level: "F3",
  class: "F3",
  bailType: "surety",
  bailTypePrinted: null,
  bailCents: 750_000,
  causeNumber: null,
  ...changes,
});

export const sampleEnrichment = (changes: Partial<EnrichmentDto> = {}): EnrichmentDto => ({
  id: "e1",
  contactId: "c1",
  provider: "twilio",
  state: "found",
  result: null,
  words: "Mobile, T-Mobile. Valid.",
  requestedAt: "2026-03-10T11:00:00Z",
  checkedAt: "2026-03-10T11:00:00Z",
  expiresAt: null,
  attempts: 1,
  nextAttemptAt: null,
  problem: null,
  ...changes,
});

export const sampleContact = (changes: Partial<ContactDto> = {}): ContactDto => ({
  id: "c1",
  kind: "phone",
  value: "+15125550142",
  origin: "firm",
  givenBy: "Ana, sister",
  basis: "family_contacted_firm",
  addedAt: "2026-03-11T12:00:00Z",
  enrichment: sampleEnrichment(),
  ...changes,
});

/** Everything of one invented lead. */
export const sampleDetail = (changes: Partial<LeadDetail> = {}): LeadDetail => ({
  lead: {
    ...sampleLead(),
    magistrate: null,
    custodyStatus: null,
    labels: [],
    scoreReasons: [{ rule: "class", label: "Highest charge", detail: "3rd-degree felony", points: 30, max: 30 }],
    scoreChangesAt: null,
    seenCount: 4,
  },
  charges: [sampleCharge()],
  contacts: [sampleContact()],
  enrichments: [],
  events: [],
  tape: { columns: [], rows: [] },
  ...changes,
});
