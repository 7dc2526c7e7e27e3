import type { ScheduleName } from "@/lib/contracts/jobs";
import type { Ctx } from "@/lib/domain/context/ctx";
import { recheckContacts } from "@/lib/domain/enrichment/recheck-contacts";
import { sweepLookups } from "@/lib/domain/enrichment/sweep-lookups";
import { rescoreDueLeads } from "@/lib/domain/leads/rescore";
import { purgeExpired } from "./purge-expired";

type ScheduledWork = {
  /** Read in UTC: local time would miss or double a slot when clocks change. */
  cron: string;
  why: string;
  /** One portion of the work for one firm; says how much there was. */
  run: (ctx: Ctx) => Promise<number>;
  /** A portion of this size means that there may be more, so the firm is taken again. */
  full?: number;
};

const RESCORE_AT_ONCE = 1000;

/** Everything that runs by the clock. Each run goes through all active firms; a firm whose work fails does not hold up the others. */
export const SCHEDULES: Record<ScheduleName, ScheduledWork> = {
  "rescore-due-leads": {
    cron: "* * * * *",
    why: "Points fade with the hours since the arrest: HOT cools without anyone writing to the lead.",
    run: (ctx) => rescoreDueLeads(ctx, { limit: RESCORE_AT_ONCE }),
    full: RESCORE_AT_ONCE,
  },
  "sweep-lookups": {
    cron: "*/5 * * * *",
    why: "A lost job is never a lost lead: checks that are overdue get a job again.",
    run: (ctx) => sweepLookups(ctx),
  },
  "recheck-contacts": {
    cron: "*/15 * * * *",
    why: "Answers grow stale and outages end: contacts of open leads are checked again without anyone asking.",
    run: (ctx) => recheckContacts(ctx),
  },
  "purge-expired": {
    cron: "17 * * * *",
    why: "Stored replies hold data for a day, not for ever; so do sessions and invitations that have ended.",
    run: purgeExpired,
  },
};
