import Link from "next/link";
import type { AuditEntry, AuditFilter } from "@/lib/contracts/audit";
import { auditHref } from "./audit-query";
import { detailLines } from "./audit-words";
import { eventWords } from "./event-words";
import { formatInstant, formatMoment } from "./format";
import { Icon } from "./icons";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";
import { sentence } from "./words";

type AuditEntriesProps = {
  entries: readonly AuditEntry[];
  names: Record<string, string>;
  filter: AuditFilter;
  timeZone: string;
  now: string;
};

/** What happened, newest first: a line each, and every fact of it behind the line. */
export function AuditEntries({ entries, ...rest }: AuditEntriesProps) {
  return (
    <table className="tb stack" {...tableRoles.table}>
      <caption className="sr-only">Events of the firm, newest first</caption>
      <TableHead
        columns={["When", { head: "No.", className: "r" }, { head: "What happened", className: "w-full" }, "By"]}
      />
      <tbody {...tableRoles.group}>
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} {...rest} />
        ))}
      </tbody>
    </table>
  );
}

function Entry({ entry, names, filter, timeZone, now }: { entry: AuditEntry } & Omit<AuditEntriesProps, "entries">) {
  const { icon, text, more } = eventWords(entry, names);
  return (
    <tr {...tableRoles.row}>
      <td className="whitespace-nowrap text-ink-2" {...tableRoles.cell}>
        <time dateTime={entry.occurredAt}>{formatMoment(entry.occurredAt, timeZone, now)}</time>
      </td>
      <td className="r text-ink-3" {...tableRoles.cell}>
        {entry.sequence === null ? (
          <span title="Not sealed yet: that takes some seconds">–</span>
        ) : (
          entry.sequence.toLocaleString("en-US")
        )}
      </td>
      <td className="wide [overflow-wrap:anywhere]" {...tableRoles.cell}>
        <details className="group">
          <summary className="-my-0.5 flex cursor-pointer items-start gap-1.5 rounded-ctl py-0.5 phone:my-0 phone:min-h-11 phone:py-1.5 [&::-webkit-details-marker]:hidden">
            <Icon name={icon} className="mt-0.5 text-ink-3" />
            <span>
              {sentence(text)}
              {more ? <span className="block max-w-[68ch] text-ink-2">{more}</span> : null}
            </span>
            <Icon name="down" className="mt-1 size-3! text-ink-3 group-open:rotate-180 phone:ml-auto" />
          </summary>
          <Facts entry={entry} names={names} filter={filter} timeZone={timeZone} now={now} />
        </details>
      </td>
      <td className="wide whitespace-nowrap text-ink-2 phone:text-13" {...tableRoles.cell}>
        {entry.actor.name}
      </td>
    </tr>
  );
}

function Facts({ entry, names, filter, timeZone, now }: { entry: AuditEntry } & Omit<AuditEntriesProps, "entries">) {
  const { occurredAt, actor, leadId, requestId, type } = entry;
  return (
    <dl className="mt-1 mb-2 ml-[22px] grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5 border-l border-line pl-3 text-ink-2 phone:ml-0">
      <Fact name="Event" value={<span className="ref">{type}</span>} />
      {detailLines(entry.data, { names, timeZone, now }).map(({ field, value }) => (
        <Fact key={field} name={field} value={value} />
      ))}
      {leadId ? (
        <Fact
          name="Lead"
          value={
            <>
              <Link href={`/leads/${leadId}`} prefetch={false} className="underline">
                Open the lead
              </Link>
              {filter.lead === leadId ? null : (
                <>
                  {" · "}
                  <Link href={auditHref({ lead: leadId })} prefetch={false} className="underline">
                    All its events
                  </Link>
                </>
              )}
            </>
          }
        />
      ) : null}
      <Fact
        name="By"
        value={
          <>
            {actor.name}, <span className="ref">{actor.id}</span>
          </>
        }
      />
      <Fact
        name="Time"
        value={
          <>
            {formatInstant(occurredAt, timeZone, now)}, <span className="ref">{occurredAt}</span>
          </>
        }
      />
      <Fact name="Request" value={<span className="ref">{requestId}</span>} />
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <>
      <dt className="text-12 leading-5 text-ink-3 phone:text-13">{name}</dt>
      <dd className="m-0">{value}</dd>
    </>
  );
}
