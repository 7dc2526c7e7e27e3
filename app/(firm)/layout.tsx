import type { ReactNode } from "react";
import { listLatestRuns } from "@/lib/domain/leads/ingest-runs";
import { findFirmOfRequest, isSignedIn, loadSession } from "@/lib/http/session";
import { leadsHref, OPEN_LEADS } from "@/lib/ui/lead-query";
import { Shell } from "@/lib/ui/shell";
import { healthOf, summarizeSources } from "@/lib/ui/source-summary";
import { readTheme } from "../read-theme";
import { countOpenLeads } from "./count-open-leads";

/** The shell of a signed-in person. Without a session the page itself answers, since it knows where to come back to. */
export default async function FirmLayout({ children }: { children: ReactNode }) {
  if (!(await isSignedIn())) return children;
  const { ctx, user, firm } = await loadSession();
  const [{ demo }, runs, openLeads, theme] = await Promise.all([
    findFirmOfRequest(),
    listLatestRuns(ctx, 5),
    countOpenLeads(ctx),
    readTheme(),
  ]);
  const now = ctx.clock.now().toISOString();
  return (
    <Shell
      firmName={firm.name}
      host={firm.host}
      userName={user.name}
      theme={theme}
      openLeads={openLeads}
      leadsHref={leadsHref(OPEN_LEADS)}
      health={healthOf(summarizeSources(runs, now), now)}
      isSandbox={demo}
    >
      {children}
    </Shell>
  );
}
