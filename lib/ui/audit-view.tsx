import Link from "next/link";
import type { AuditChain, AuditPage } from "@/lib/contracts/audit";
import { AuditEntries } from "./audit-entries";
import { AuditFilterForm, type AuditFilterFormProps } from "./audit-filter-form";
import { auditHref, auditQuery } from "./audit-query";
import { buttonClass } from "./button";
import { ExportAction } from "./export-action";
import { formatMoment } from "./format";
import { PageHead } from "./page-head";
import { Empty, Partial } from "./states";

type AuditViewProps = AuditFilterFormProps & {
  page: AuditPage;
  chain: AuditChain;
  /** A page behind the first. */
  isLater: boolean;
  /** How much a CSV of the filter holds: see lib/domain/reports/audit/export-audit.ts. */
  size: "small" | "large" | "huge";
  freshUntil: string | null;
  timeZone: string;
  now: string;
};

/** The audit trail: how far it is sealed, the filter, and what happened. */
export function AuditView({ page, chain, isLater, size, freshUntil, timeZone, now, ...form }: AuditViewProps) {
  const { filter } = form;
  return (
    <>
      <PageHead title="Audit trail">
        <Link href="/exports" prefetch={false} className={buttonClass("quiet")}>
          Exports
        </Link>
        <ExportAction
          href={`/api/audit/export${auditQuery(filter)}`}
          what={{ kind: "audit", filter }}
          isPrepared={size === "huge"}
          isLarge={size !== "small"}
          freshUntil={freshUntil}
        >
          <span className="phone:hidden">Download CSV</span>
          <span className="hidden phone:inline">CSV</span>
        </ExportAction>
      </PageHead>
      <p className="px-gutter pt-1 pb-3 text-ink-2">{chainWords(chain, timeZone, now)}</p>
      {chain.problem ? (
        <Partial title={brokenTitle(chain.problem.sequence)} isError>
          {chain.problem.words} Found {inSentence(formatMoment(chain.problem.since, timeZone, now))}. The operator of
          this service has been notified; download a CSV before anything is repaired.
        </Partial>
      ) : null}
      <AuditFilterForm {...form} />
      {page.entries.length === 0 ? (
        <Empty title="Nothing under this filter">
          No event matches. Choose other days, or clear the filter to see everything.
        </Empty>
      ) : (
        <div className="px-gutter py-3">
          <AuditEntries entries={page.entries} names={page.names} filter={filter} timeZone={timeZone} now={now} />
          <nav aria-label="Pages" className="flex gap-2 pt-3">
            {isLater ? (
              <Link href={auditHref(filter)} prefetch={false} className={buttonClass()}>
                Newest
              </Link>
            ) : null}
            {page.nextCursor ? (
              <Link href={auditHref(filter, page.nextCursor)} prefetch={false} className={buttonClass()} rel="next">
                Older
              </Link>
            ) : null}
          </nav>
        </div>
      )}
    </>
  );
}

const brokenTitle = (sequence: number | null): string =>
  sequence === null ? "The chain is broken." : `The chain is broken at no. ${sequence.toLocaleString("en-US")}.`;

const inSentence = (moment: string): string => moment.replace(/^Today/, "today");

/* Sealed to no. 1,204, today 5:48 AM. Last signed head: ... */
function chainWords({ sealed, signed, verified }: AuditChain, timeZone: string, now: string): string {
  const place = (step: NonNullable<AuditChain["sealed"]>): string =>
    `no. ${step.sequence.toLocaleString("en-US")}, ${inSentence(formatMoment(step.at, timeZone, now))}`;
  return [
    sealed ? `Sealed to ${place(sealed)}.` : "Nothing is sealed yet: that takes some seconds.",
    signed ? `Last signed head: ${place(signed)}.` : "No head is signed yet: that takes some minutes.",
    verified ? `Verified to ${place(verified)}.` : "Not verified yet: that is done every night.",
  ].join(" ");
}
