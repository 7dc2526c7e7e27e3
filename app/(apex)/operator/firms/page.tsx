import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { AppError } from "@/lib/core/errors";
import { listAuditAlarms } from "@/lib/domain/events/audit-alarms";
import { listFirms } from "@/lib/domain/tenants/list-firms";
import type { Operator } from "@/lib/domain/tenants/operator-ctx";
import { hasOperatorCode } from "@/lib/http/operator";
import { findOperator } from "@/lib/http/operator-route";
import { siteOfRequest } from "@/lib/http/session";
import { AuditAlarms } from "@/lib/ui/audit-alarms";
import { CreateFirmButton } from "@/lib/ui/firm-form";
import { FirmPanel } from "@/lib/ui/firm-panel";
import { OperatorGate } from "@/lib/ui/operator-gate";
import { OperatorShell } from "@/lib/ui/operator-shell";
import { PageHead } from "@/lib/ui/page-head";

export const metadata: Metadata = { title: "Firms · Arrestra operator" };

const PAGE = "/operator/firms";

type Search = { error?: string; after?: string };

/** The firms of the platform for whoever runs it: made, shut and opened here. Shows nothing of what a firm holds. */
export default async function FirmsPage({ searchParams }: { searchParams: Promise<Search> }) {
  const site = await siteOfRequest();
  if (site.kind !== "apex") notFound();
  const { error, after } = await searchParams;
  const operator = findOperator(await headers());
  if (!operator) return <OperatorGate title="Firms" page={PAGE} needsCode={hasOperatorCode()} isRefused={!!error} />;
  const { firms, nextCursor } = await loadPage(operator, after);
  const now = operator.clock.now().toISOString();
  return (
    <OperatorShell current={PAGE}>
      <PageHead title="Firms">
        <CreateFirmButton domain={site.host} now={now} />
      </PageHead>
      <AuditAlarms alarms={await loadAlarms(operator)} timeZone="America/Chicago" now={now} />
      <FirmPanel
        firms={firms}
        now={now}
        firstHref={after ? PAGE : null}
        nextHref={nextCursor ? `${PAGE}?after=${encodeURIComponent(nextCursor)}` : null}
      />
    </OperatorShell>
  );
}

const loadAlarms = async ({ clock }: Operator) =>
  (await listAuditAlarms(clock.now())).map((alarm) => ({ ...alarm, since: alarm.since.toISOString() }));

/** An address that somebody altered leads to the start of the list. */
async function loadPage(operator: Operator, cursor: string | undefined) {
  try {
    return await listFirms(operator, typeof cursor === "string" ? { cursor } : {});
  } catch (error) {
    if (error instanceof AppError && error.code === "unprocessable") redirect(PAGE);
    throw error;
  }
}
