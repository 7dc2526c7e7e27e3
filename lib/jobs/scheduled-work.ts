import type { ScheduleName } from "@/lib/contracts/jobs";
import { remindDue } from "@/lib/domain/bookings/remind-due";
import type { Ctx } from "@/lib/domain/context/ctx";
import { enqueue } from "@/lib/domain/context/enqueue";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { recheckContacts } from "@/lib/domain/enrichment/recheck-contacts";
import { sweepLookups } from "@/lib/domain/enrichment/sweep-lookups";
import { signHead } from "@/lib/domain/events/sign-head";
import { STREAM_AT_ONCE, streamEvents } from "@/lib/domain/events/stream-events";
import { watchSeals } from "@/lib/domain/events/watch-seals";
import { sweepEvidence } from "@/lib/domain/leads/evidence/sweep-evidence";
import { sweepImports } from "@/lib/domain/leads/imports/sweep-imports";
import { rescoreDueLeads } from "@/lib/domain/leads/rescore";
import { sweepAlerts } from "@/lib/domain/outreach/alerts/sweep-alerts";
import { sweepExports } from "@/lib/domain/reports/exports/sweep-exports";
import { syncDue } from "@/lib/domain/sync/sync-due";
import { verifyDomains } from "@/lib/domain/tenants/verify-domains";
import { purgeExpired } from "./purge-expired";

type ScheduledWork = {
  /** One portion of the work for one firm; says how much there was. */
  run: (ctx: Ctx) => Promise<number>;
  /** A portion of this size means that there may be more, so the firm is taken again. */
  full?: number;
  /** Also for firms that are suspended or closed: what happened in them is kept like any other history, what has served goes, and a domain that they left lapses. */
  forShutFirms?: boolean;
};

const RESCORE_AT_ONCE = 1000;

/** What each schedule does. Each run goes through all active firms, some through shut ones too; a firm whose work fails does not hold up the others. */
export const SCHEDULED_WORK: Record<ScheduleName, ScheduledWork> = {
  "rescore-due-leads": { run: (ctx) => rescoreDueLeads(ctx, { limit: RESCORE_AT_ONCE }), full: RESCORE_AT_ONCE },
  "sweep-lookups": { run: (ctx) => sweepLookups(ctx) },
  "recheck-contacts": { run: (ctx) => recheckContacts(ctx) },
  "purge-expired": { run: purgeExpired, forShutFirms: true },
  "sign-heads": { run: signHead, forShutFirms: true },
  "stream-audit": { run: streamEvents, full: STREAM_AT_ONCE, forShutFirms: true },
  "watch-audit": { run: watchSeals, forShutFirms: true },
  "verify-audit": { run: askToVerify, forShutFirms: true },
  remind: { run: remindDue },
  "sweep-files": {
    run: async (ctx) => (await sweepExports(ctx)) + (await sweepImports(ctx)) + (await sweepEvidence(ctx)),
    forShutFirms: true,
  },
  "sweep-alerts": { run: sweepAlerts },
  "sync-due": { run: (ctx) => syncDue(ctx) },
  "verify-domains": { run: verifyDomains, forShutFirms: true },
};

/** A chain of millions takes minutes, so each firm gets a job of its own beside the schedules. */
async function askToVerify(ctx: Ctx): Promise<number> {
  await inTenant(ctx, (tx) => enqueue(tx, "audit.verify", [{ tenantId: ctx.tenantId }]));
  return 1;
}
