import type { ContactDto } from "@/lib/contracts/leads";
import { buttonClass } from "./button";
import type { BasisWords } from "./contact-form";
import { EnrichmentWords } from "./enrichment-words";
import { formatDay, formatPhone } from "./format";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";

type ContactTableProps = {
  contacts: readonly ContactDto[];
  bases: BasisWords;
  timeZone: string;
  now: string;
  onCorrect: (contact: ContactDto) => void;
  onRemove: (contact: ContactDto) => void;
};

/** Contacts with what their check says and where they came from. Only the firm's own can be changed here. */
export function ContactTable({ contacts, bases, timeZone, now, onCorrect, onRemove }: ContactTableProps) {
  return (
    <table className="tb stack" {...tableRoles.table}>
      <colgroup>
        <col />
        <col />
        <col className="w-[204px]" />
        <col className="w-[130px]" />
      </colgroup>
      <TableHead columns={["Contact", "What the check says", "Where it came from"]} action="Change" />
      <tbody {...tableRoles.group}>
        {contacts.map((contact) => {
          const value = contact.kind === "phone" ? formatPhone(contact.value) : contact.value;
          return (
            <tr key={contact.id} {...tableRoles.row}>
              <td
                title={value}
                className="wide max-w-[220px] truncate font-emph phone:max-w-full phone:whitespace-normal phone:[overflow-wrap:anywhere]"
                {...tableRoles.cell}
              >
                {value}
              </td>
              <td className="wide" {...tableRoles.cell}>
                <EnrichmentWords enrichment={contact.enrichment} timeZone={timeZone} now={now} />
              </td>
              <td className="wide text-ink-2" {...tableRoles.cell}>
                {originWords(contact)}
                <small className="block text-12 text-ink-3 phone:text-13">
                  {contact.basis ? `${bases[contact.basis]}, ` : ""}
                  {formatDay(contact.addedAt, timeZone, now)}
                </small>
              </td>
              <td className="wide" {...tableRoles.cell}>
                {contact.origin === "firm" ? (
                  <span className="-my-[5px] flex justify-end gap-1 phone:my-0 phone:-ml-2.5 phone:justify-start">
                    <button
                      type="button"
                      className={buttonClass("quiet")}
                      aria-label={`Correct ${value}`}
                      onClick={() => onCorrect(contact)}
                    >
                      Correct
                    </button>
                    <button
                      type="button"
                      className={buttonClass("quiet")}
                      aria-label={`Remove ${value}`}
                      onClick={() => onRemove(contact)}
                    >
                      Remove
                    </button>
                  </span>
                ) : null}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const originWords = ({ origin, givenBy }: ContactDto): string =>
  origin === "source" ? "From the source" : givenBy ? `Given by ${givenBy}` : "From the firm";
