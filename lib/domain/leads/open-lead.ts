import { NO_COUNTY } from "@/lib/core/county";
import { newId } from "@/lib/core/ids";
import { evenSpaces } from "@/lib/core/person-name";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { recordEvent } from "../events/record-events";
import { findThresholds } from "./known-leads";
import { leadColumns } from "./lead-columns";
import { contentHashOf, type SourceLead } from "./source-lead";
import { insertLeads } from "./write-leads";

/** Somebody whom no lead stands for, and the consultation that they booked. */
export type Newcomer = {
  source: string;
  sourceId: string;
  consultationId: string;
  firstName: string;
  lastName: string;
};

/** How a lead is called whose person gave no name. */
const NAMELESS = "Name not given";

/**
 * Opens a lead for somebody who came to the firm without having been on any form: no county, no charges, scored by the same rule as every other. The same
 * source id again gives the lead that is there. Call under `lockSource`. Gives its id.
 */
export async function openLead(tx: Tx, ctx: Ctx, person: Newcomer): Promise<string> {
  const { tenantId } = ctx;
  const { source, sourceId, consultationId } = person;
  const there = await tx.lead.findUnique({
    where: { tenantId_source_sourceId: { tenantId, source, sourceId } },
    select: { id: true },
  });
  if (there) return there.id;
  const id = newId();
  const now = ctx.clock.now();
  const lead = leadOf(person);
  const thresholds = await findThresholds(tx, tenantId);
  const columns = leadColumns(id, lead, contentHashOf(lead), undefined, { now, observedAt: now, thresholds });
  await insertLeads(tx, [columns], { tenantId, source, observedAt: now, now });
  await recordEvent(tx, ctx, { type: "lead.opened", leadId: id, data: { source, consultationId } });
  return id;
}

function leadOf({ sourceId, ...given }: Newcomer): SourceLead {
  const firstName = evenSpaces(given.firstName);
  const lastName = evenSpaces(given.lastName);
  return {
    sourceId,
    sourceUrl: null,
    name: [lastName, firstName].filter(Boolean).join(", ") || NAMELESS,
    firstName: firstName || null,
    middleName: null,
    lastName: lastName || null,
    suffix: null,
    dateOfBirth: null,
    county: NO_COUNTY,
    arrestedAt: null,
    magistratedAt: null,
    magistrate: null,
    custodyStatus: null,
    labels: [],
    charges: [],
  };
}
