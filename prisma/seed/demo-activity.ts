import { LeadPageQuery } from "@/lib/contracts/leads";
import { newId } from "@/lib/core/ids";
import type { LeadStatus } from "@/lib/core/lead-status";
import type { Ctx } from "@/lib/domain/context/ctx";
import { addContact } from "@/lib/domain/enrichment/contacts";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { listLeads } from "@/lib/domain/leads/list-leads";
import { SEED_FIRMS } from "./firms";
import { seedCtx } from "./index";

/** Numbers and addresses set aside for fiction; what the sandbox says of each is in sandbox/README.md. */
const PHONES = ["0113", "0100", "0101", "0102", "0120", "0114", "0103"].map((last) => `+1512555${last}`);
const EMAILS = ["deliverable", "accept-all", "rejected-email", "low-quality", "deliverable+family"];
const BASES = ["prior_client", "family_contacted_firm", "person_contacted_firm"] as const;
const GIVERS = {
  prior_client: "Firm's client file",
  family_contacted_firm: "Sister, by phone",
  person_contacted_firm: "Intake form",
};

/** How far the firm has taken its older leads. */
const MOVES: readonly (readonly LeadStatus[])[] = [
  ["reviewed"],
  ["reviewed", "qualified"],
  ["qualified", "mail_queued"],
  ["responded", "consultation"],
  ["responded"],
];
const TWO_DAYS_MS = 2 * 86_400_000;

/** A number that stays the same for a source id, so that a repeated start gives the same leads the same contacts. */
const pick = (sourceId: string): number =>
  [...sourceId].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9973, 7);

/**
 * Works in smithlaw as its people would: about a third of the leads get an invented contact through the verb a person uses, and some older ones
 * move along the pipeline. Repeating it changes nothing.
 */
export async function seedDemoActivity(): Promise<void> {
  const reader = seedCtx("smithlaw");
  const user = SEED_FIRMS.smithlaw.user;
  const ctx: Ctx = { ...reader, actor: { type: "user", id: user.id, role: user.role, sessionId: newId() } };
  let cursor: string | undefined;
  do {
    const page = await listLeads(
      reader,
      LeadPageQuery.parse({ limit: 200, sort: "firstSeen", ...(cursor ? { cursor } : {}) }),
    );
    for (const lead of page.leads) {
      const n = pick(lead.sourceId);
      if (n % 3 === 0 && lead.contact === "none") await giveContact(ctx, lead.id, n);
      const isOld = ctx.clock.now().getTime() - Date.parse(lead.arrestedAt ?? lead.firstSeenAt) > TWO_DAYS_MS;
      if (isOld && n % 4 === 1 && lead.status === "new") {
        for (const to of MOVES[n % MOVES.length] ?? []) await changeLeadStatus(ctx, { leadId: lead.id, to });
      }
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
}

async function giveContact(ctx: Ctx, leadId: string, n: number): Promise<void> {
  const basis = BASES[n % BASES.length] ?? "prior_client";
  const given = { givenBy: GIVERS[basis], basis, check: true };
  if (n % 2 === 0) {
    await addContact(ctx, leadId, { kind: "phone", value: PHONES[n % PHONES.length] ?? "", ...given });
  } else {
    const value = `${EMAILS[n % EMAILS.length]}@example.com`;
    await addContact(ctx, leadId, { kind: "email", value, ...given });
  }
}
