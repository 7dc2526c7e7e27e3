import type { Metadata } from "next";
import { mayImport } from "@/lib/domain/leads/imports/import-row";
import { listLatestRuns } from "@/lib/domain/leads/ingest-runs";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { summarizeSources } from "@/lib/ui/source-summary";
import { SourcesView } from "@/lib/ui/sources-view";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Sources · ${(await findFirmOfRequest()).name}`,
});

/** Where the firm's leads come from, and how the last readings went. */
export default async function SourcesPage() {
  const { ctx, firm } = await loadSession("/sources");
  const now = ctx.clock.now().toISOString();
  return (
    <SourcesView
      sources={summarizeSources(await listLatestRuns(ctx), now)}
      timeZone={firm.timeZone}
      now={now}
      mayImport={mayImport(ctx)}
    />
  );
}
