import Link from "next/link";
import type { LeadDto } from "@/lib/contracts/leads";
import { BailCell } from "./bail-cell";
import { ageInYears, formatAge, formatInstant } from "./format";
import { ClassTag, ContactWord, ScoreBadge, StatusWord } from "./marks";
import { readableName, readableOffense } from "./readable";
import { tableRoles } from "./table-roles";

/** One lead of the list. The checkbox carries what the toolbar needs, so that rows stay plain HTML from the server. */
export function LeadRow({ lead, now }: { lead: LeadDto; now: string }) {
  const name = readableName(lead.name);
  const kinds = `row${lead.isNew ? " fresh" : ""}${lead.withdrawnAt ? " gone" : ""}`;
  return (
    <tr className={kinds} {...tableRoles.row}>
      <td {...tableRoles.cell}>
        <label className="pick">
          <input
            type="checkbox"
            name="lead"
            value={lead.id}
            className="ck"
            aria-label={`Select ${name}`}
            data-name={name}
            data-status={lead.status}
            data-version={lead.version}
            autoComplete="off"
          />
        </label>
      </td>
      <td className="sc" {...tableRoles.cell}>
        <ScoreBadge score={lead.score} band={lead.band} />
      </td>
      <td className="nmc" {...tableRoles.cell}>
        <span className="nm">
          <Link href={`/leads/${lead.id}`} prefetch={false} title={lead.name}>
            {name}
          </Link>
          {lead.dateOfBirth ? (
            <small>
              <span className="sr-only">age </span>
              {ageInYears(lead.dateOfBirth, now, lead.timeZone)}
            </small>
          ) : null}
          {lead.isNew ? <span className="sr-only">, new</span> : null}
        </span>
      </td>
      <td className="ofc" {...tableRoles.cell}>
        <span className="of">
          <ClassTag offenseClass={lead.topClass} />
          <span className="t" title={lead.topOffense ?? undefined}>
            {lead.topOffense ? readableOffense(lead.topOffense) : "No charge on the form"}
          </span>
          {lead.chargeCount > 1 ? (
            <small>
              +{lead.chargeCount - 1}
              <span className="sr-only"> more</span>
            </small>
          ) : null}
        </span>
      </td>
      <td className="r bac" {...tableRoles.cell}>
        <BailCell bail={lead.bail} chargeCount={lead.chargeCount} withdrawn={lead.withdrawnAt !== null} />
      </td>
      <td className="r agc" {...tableRoles.cell}>
        <Age at={lead.arrestedAt} lead={lead} now={now} />
      </td>
      <td className="r h2 h1" {...tableRoles.cell}>
        <Age at={lead.firstSeenAt} lead={lead} now={now} />
      </td>
      <td className="coc h2 h1" {...tableRoles.cell}>
        {lead.county}
      </td>
      <td className="h2" {...tableRoles.cell}>
        <ContactWord contact={lead.contact} />
      </td>
      <td className="stc" {...tableRoles.cell}>
        <StatusWord status={lead.status} />
      </td>
    </tr>
  );
}

function Age({ at, lead, now }: { at: string | null; lead: LeadDto; now: string }) {
  if (!at) return <span className="text-ink-3">–</span>;
  return (
    <time dateTime={at} title={formatInstant(at, lead.timeZone, now)}>
      {formatAge(at, now)}
    </time>
  );
}
