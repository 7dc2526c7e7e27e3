import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { systemClock } from "@/lib/core/clock";
import { listSourceRuns } from "@/lib/domain/tenants/source-health";
import { hasOperatorSession } from "@/lib/http/operator";
import { siteOfRequest } from "@/lib/http/session";
import { Button } from "@/lib/ui/button";
import { Field } from "@/lib/ui/field";
import { GatePage } from "@/lib/ui/gate-page";
import { summarizeSources } from "@/lib/ui/source-summary";
import { SourcesView } from "@/lib/ui/sources-view";

export const metadata: Metadata = { title: "Sources · Arrestra operator" };

/** The sources of all firms for whoever runs the platform: last good run and row accounting. Shows no firm and no lead. */
export default async function OperatorPage({ searchParams }: { searchParams: Promise<{ error?: string }> }) {
  const site = await siteOfRequest();
  if (site.kind !== "apex") notFound();
  const now = systemClock.now();
  if (!hasOperatorSession(await headers(), now)) return <OperatorGate isRefused={!!(await searchParams).error} />;
  const at = now.toISOString();
  return (
    <main id="main">
      <SourcesView sources={summarizeSources(await listSourceRuns(), at)} timeZone="America/Chicago" now={at} />
    </main>
  );
}

function OperatorGate({ isRefused }: { isRefused: boolean }) {
  return (
    <GatePage firmName="Arrestra operator">
      <form method="post" action="/operator/session" className="w-full max-w-[348px]">
        <h1 className="mb-6 text-20 font-head tracking-[-0.015em]">Sources of all firms</h1>
        <Field
          id="token"
          name="token"
          type="password"
          label="Operator token"
          hint="OPERATOR_TOKEN of this server."
          autoComplete="off"
          required
          error={isRefused ? "That is not the operator token." : undefined}
        />
        <Button type="submit" kind="primary" className="mt-5">
          Open
        </Button>
      </form>
    </GatePage>
  );
}
