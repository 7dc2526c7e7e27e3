/** A field of a lead. `unique`: no two leads may hold the same value. */
export type Field = {
  name: string;
  label: string;
  type: string;
  options?: string[];
  isMandatory?: boolean;
  isUnique?: boolean;
};

export type Lead = {
  id: string;
  createdAt: Date;
  modifiedAt: Date;
  fields: Record<string, unknown>;
  isLocked: boolean;
  isConverted: boolean;
};

/** An error that waits for the next rows; with `email` only for the row with that address. */
export type RowError = { code: string; field?: string; email?: string; count: number };

export const LEAD_STATUSES = [
  "-None-",
  "Attempted to Contact",
  "Contact in Future",
  "Contacted",
  "Junk Lead",
  "Lost Lead",
  "Not Contacted",
  "Pre-Qualified",
  "Not Qualified",
];

const FIELDS: readonly Field[] = [
  { name: "Last_Name", label: "Last Name", type: "text", isMandatory: true },
  { name: "First_Name", label: "First Name", type: "text" },
  { name: "Email", label: "Email", type: "email" },
  { name: "Phone", label: "Phone", type: "phone" },
  { name: "Lead_Status", label: "Lead Status", type: "picklist", options: LEAD_STATUSES },
  { name: "Description", label: "Description", type: "textarea" },
  { name: "County", label: "County", type: "text" },
  { name: "Offense", label: "Offense", type: "text" },
  { name: "Next_Consultation", label: "Next Consultation", type: "datetime" },
  { name: "Bail_Total", label: "Bail Total", type: "currency" },
  { name: "Arrestra_Link", label: "Arrestra Link", type: "website" },
];

/** Credits of the free edition over 24 hours. */
const CREDITS = 5000;

/** One organization: its leads, its bin, its credits. */
export class ZohoOrg {
  readonly leads = new Map<string, Lead>();
  readonly deleted: { id: string; name: string; at: Date }[] = [];
  readonly pageTokens = new Map<string, { offset: number; endsAt: number }>();
  fields: Field[] = FIELDS.map((field) => ({ ...field }));
  rowErrors: RowError[] = [];
  /** The body of the last write, as it came. */
  lastWrite: unknown = null;
  credits = { limit: CREDITS, used: 0 };
  #last = 0n;

  constructor(
    readonly id: string,
    readonly name: string,
  ) {}

  get creditsLeft(): number {
    return Math.max(0, this.credits.limit - this.credits.used);
  }

  newId(): string {
    this.#last += 1n;
    return (BigInt(this.id) * 10_000_000_000n + 5_000_000_001n + this.#last).toString();
  }

  /** A lead that came from elsewhere or was written by a person there. */
  add(fields: Record<string, unknown>, now: Date): Lead {
    const lead: Lead = {
      id: this.newId(),
      createdAt: now,
      modifiedAt: toSecond(now),
      fields,
      isLocked: false,
      isConverted: false,
    };
    this.leads.set(lead.id, lead);
    return lead;
  }

  edit(id: string, fields: Record<string, unknown>, now: Date): Lead | null {
    const lead = this.leads.get(id);
    if (!lead) return null;
    Object.assign(lead.fields, fields);
    lead.modifiedAt = toSecond(now);
    return lead;
  }

  remove(id: string, now: Date): boolean {
    const lead = this.leads.get(id);
    if (!lead) return false;
    this.leads.delete(id);
    this.deleted.unshift({ id, name: String(lead.fields.Last_Name ?? ""), at: toSecond(now) });
    return true;
  }

  findBy(field: string, value: unknown): Lead | null {
    const wanted = String(value ?? "").toLowerCase();
    if (wanted === "") return null;
    for (const lead of this.leads.values()) if (String(lead.fields[field] ?? "").toLowerCase() === wanted) return lead;
    return null;
  }
}

/** Zoho keeps whole seconds. */
export const toSecond = (at: Date): Date => new Date(Math.floor(at.getTime() / 1000) * 1000);
export const zohoTime = (at: Date): string => `${at.toISOString().slice(0, 19)}+00:00`;
