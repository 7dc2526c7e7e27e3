import type { ReactNode } from "react";
import { LeadFilter } from "@/lib/contracts/leads";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { listLatestRuns } from "@/lib/domain/leads/ingest-runs";
import { countLeads } from "@/lib/domain/leads/list-leads";
import { markNotFound } from "@/lib/http/request-guard";
import { findFirmOfRequest, isSignedIn, loadSession, siteOfRequest } from "@/lib/http/session";
import { cappedCount } from "@/lib/ui/format";
import { leadsHref, OPEN_LEADS } from "@/lib/ui/lead-query";
import { Shell } from "@/lib/ui/shell";
import { healthOf, summarizeSources } from "@/lib/ui/source-summary";
import NotFound from "../not-found";
import { readTheme } from "../read-theme";

/** The shell of a signed-in person. Without a session the page itself answers, since it knows where to come back to. */
export default async function FirmLayout({ children }: { children: ReactNode }) {
  if ((await siteOfRequest()).kind !== "firm") {
    markNotFound();
    return <NotFound />;
  }
  if (!(await isSignedIn())) return children;
  const { ctx, user, firm } = await loadSession();
  const { runs, open } = await loadRail(ctx);
  const now = ctx.clock.now().toISOString();
  return (
    <Shell
      firmName={firm.name}
      host={firm.host}
      userName={user.name}
      timeZone={firm.timeZone}
      theme={await readTheme()}
      openLeads={cappedCount(open)}
      leadsHref={leadsHref(OPEN_LEADS)}
      health={healthOf(summarizeSources(runs, now), now)}
      isSandbox={(await findFirmOfRequest()).demo}
    >
      {children}
    </Shell>
  );
}

/* One transaction for the whole rail: a connection each would make a busy database look like one that is away. */
const loadRail = (outer: Ctx) =>
  inTenant(outer, async (tx) => {
    const ctx = { ...outer, tx };
    return { runs: await listLatestRuns(ctx, 5), open: await countLeads(ctx, LeadFilter.parse(OPEN_LEADS)) };
  });
