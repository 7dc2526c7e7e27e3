import type { DomainDto } from "@/lib/contracts/domains";
import { buttonClass } from "./button";
import { CopyButton } from "./copy-button";
import { DOMAIN_PROBLEM_WORDS, domainState } from "./domain-words";
import { formatAgo } from "./format";
import { Icon } from "./icons";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";

type DomainTableProps = {
  domains: readonly DomainDto[];
  timeZone: string;
  now: string;
  /** The domain whose record is being looked for. */
  checking: string | null;
  onCheck: (domain: DomainDto) => void;
  onRemove: (domain: DomainDto) => void;
};

/** The firm's addresses with their state. One that waits shows the record that proves it. */
export function DomainTable({ domains, ...rest }: DomainTableProps) {
  return (
    <table className="tb stack" {...tableRoles.table}>
      <TableHead columns={["Address", "State", "Looked for"]} action="Change" />
      <tbody {...tableRoles.group}>
        {domains.map((domain) => (
          <DomainRow key={domain.host} domain={domain} {...rest} />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = Omit<DomainTableProps, "domains"> & { domain: DomainDto };

function DomainRow({ domain, timeZone, now, checking, onCheck, onRemove }: RowProps) {
  const { icon, tone, words } = domainState(domain, timeZone, now);
  return (
    <tr {...tableRoles.row}>
      <td className="wide [overflow-wrap:anywhere]" {...tableRoles.cell}>
        <span className="font-emph">{domain.host}</span>
        {domain.record && (domain.state === "waiting" || domain.problem) ? <Proof record={domain.record} /> : null}
      </td>
      <td className="wide phone:pt-1" {...tableRoles.cell}>
        <span className="inline-flex items-start gap-1.5">
          <Icon name={icon} className={`mt-0.5 ${tone}`} />
          {words}
        </span>
        {domain.problem ? (
          <small className="mt-1 block max-w-[44ch] text-12 text-ink-2 phone:text-13">
            {DOMAIN_PROBLEM_WORDS[domain.problem]}
          </small>
        ) : null}
      </td>
      <td className="wide text-ink-2" {...tableRoles.cell}>
        {domain.id ? <span className="hidden text-ink-3 phone:inline">Looked for </span> : null}
        {domain.checkedAt ? formatAgo(domain.checkedAt, now) : domain.id ? "not yet" : ""}
      </td>
      <td className="wide" {...tableRoles.cell}>
        {domain.id ? (
          <span className="-my-[5px] flex justify-end gap-1 phone:my-0 phone:-ml-2.5 phone:justify-start">
            <button
              type="button"
              className={buttonClass("quiet")}
              aria-label={`Check ${domain.host} now`}
              disabled={checking !== null}
              onClick={() => onCheck(domain)}
            >
              {checking === domain.id ? "Checking…" : "Check now"}
            </button>
            <button
              type="button"
              className={buttonClass("quiet")}
              aria-label={`Remove ${domain.host}`}
              onClick={() => onRemove(domain)}
            >
              Remove
            </button>
          </span>
        ) : null}
      </td>
    </tr>
  );
}

function Proof({ record }: { record: NonNullable<DomainDto["record"]> }) {
  return (
    <dl className="mt-2 grid gap-2">
      <Part label="TXT record" value={record.name} what="the record’s name" />
      <Part label="Value" value={record.value} what="the record’s value" />
    </dl>
  );
}

function Part({ label, value, what }: { label: string; value: string; what: string }) {
  return (
    <div>
      <dt className="text-12 text-ink-3 phone:text-13">{label}</dt>
      <dd className="m-0 flex flex-wrap items-center gap-2">
        <code className="font-mono text-12 select-all [overflow-wrap:anywhere] phone:text-13">{value}</code>
        <CopyButton text={value} what={what} />
      </dd>
    </div>
  );
}
