import type { Metadata } from "next";
import Link from "next/link";
import { queryOf, type SearchParams } from "@/app/(firm)/leads/read-search";
import { AuditQuery } from "@/lib/contracts/audit";
import { JOBS, SCHEDULE_NAMES } from "@/lib/contracts/jobs";
import { readSearch } from "@/lib/contracts/lead-search";
import { auditGroupOf } from "@/lib/core/audit-group";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { mayDo } from "@/lib/domain/context/permissions";
import { FRESH_FACTOR_MS } from "@/lib/domain/context/step-up";
import { EVENTS } from "@/lib/domain/events/catalog";
import { sizeOfAuditExport } from "@/lib/domain/reports/audit/export-audit";
import { listAuditActors } from "@/lib/domain/reports/audit/list-actors";
import { listAudit } from "@/lib/domain/reports/audit/list-audit";
import { readChain } from "@/lib/domain/reports/audit/read-chain";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { AuditView } from "@/lib/ui/audit-view";
import { buttonClass } from "@/lib/ui/button";
import { PageHead } from "@/lib/ui/page-head";
import { Empty } from "@/lib/ui/states";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Audit trail · ${(await findFirmOfRequest()).name}`,
});

const JOB_NAMES = [...SCHEDULE_NAMES, ...Object.keys(JOBS).filter((name) => name !== "schedule.run")];

/** What happened in the firm, under the filter in the address. */
export default async function AuditTrailPage({ searchParams }: { searchParams: SearchParams }) {
  const query = queryOf(await searchParams);
  const { ctx, firm } = await loadSession(query.size > 0 ? `/settings/audit?${query}` : "/settings/audit");
  if (!mayDo(ctx, "audit:read")) {
    return (
      <>
        <PageHead title="Audit trail" />
        <Empty title="Owners and admins read the audit trail">Ask one of them what you would like to know.</Empty>
      </>
    );
  }
  const asked = AuditQuery.safeParse(readSearch(query));
  if (!asked.success) return <UnreadableFilter />;
  const { limit, cursor, ...given } = asked.data;
  // The form sends the kind that was chosen before the group was changed.
  const isOfGroup = !given.group || !given.type || auditGroupOf(given.type) === given.group;
  const filter = isOfGroup ? given : { ...given, type: undefined };
  const shown = await inTenant(ctx, async (tx) => {
    const inside: Ctx = { ...ctx, tx };
    return {
      chain: await readChain(inside),
      ...(await listAuditActors(inside)),
      size: await sizeOfAuditExport(inside, filter),
      page: await listAudit(inside, { ...filter, limit, ...(cursor && isOfGroup ? { cursor } : {}) }),
    };
  });
  return (
    <AuditView
      {...shown}
      filter={filter}
      types={Object.keys(EVENTS)}
      jobs={JOB_NAMES}
      isLater={cursor !== undefined && isOfGroup}
      freshUntil={freshUntil(ctx)}
      timeZone={firm.timeZone}
      now={ctx.clock.now().toISOString()}
    />
  );
}

const freshUntil = ({ actor }: Ctx): string | null =>
  actor.type === "user" && actor.factorAt ? new Date(actor.factorAt.getTime() + FRESH_FACTOR_MS).toISOString() : null;

function UnreadableFilter() {
  return (
    <>
      <PageHead title="Audit trail" />
      <Empty
        title="This filter cannot be read"
        actions={
          <Link href="/settings/audit" className={buttonClass("primary")}>
            Show everything
          </Link>
        }
      >
        The address names a group, lead or day that does not exist.
      </Empty>
    </>
  );
}
