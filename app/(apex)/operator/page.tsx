import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { listSourceRuns } from "@/lib/domain/tenants/source-health";
import { hasOperatorCode } from "@/lib/http/operator";
import { findOperator } from "@/lib/http/operator-route";
import { siteOfRequest } from "@/lib/http/session";
import { OperatorGate } from "@/lib/ui/operator-gate";
import { OperatorShell } from "@/lib/ui/operator-shell";
import { summarizeSources } from "@/lib/ui/source-summary";
import { SourcesView } from "@/lib/ui/sources-view";

export const metadata: Metadata = { title: "Sources · Arrestra operator" };

const PAGE = "/operator";

/** The sources of all firms for whoever runs the platform: last good run and row accounting. Shows no firm and no lead. */
export default async function OperatorPage({ searchParams }: { searchParams: Promise<{ error?: string }> }) {
  const site = await siteOfRequest();
  if (site.kind !== "apex") notFound();
  const operator = findOperator(await headers());
  if (!operator) {
    const isRefused = !!(await searchParams).error;
    return (
      <OperatorGate title="Sources of all firms" page={PAGE} needsCode={hasOperatorCode()} isRefused={isRefused} />
    );
  }
  const at = operator.clock.now().toISOString();
  return (
    <OperatorShell current={PAGE}>
      <SourcesView sources={summarizeSources(await listSourceRuns(), at)} timeZone="America/Chicago" now={at} />
    </OperatorShell>
  );
}
