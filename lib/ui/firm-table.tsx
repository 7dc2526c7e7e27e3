import type { FirmDto } from "@/lib/contracts/firms";
import { buttonClass } from "./button";
import { formatDay } from "./format";
import { Icon } from "./icons";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";

/** The house keeps its own books in one zone: an operator compares firms of several. */
const ZONE = "America/Chicago";

type FirmTableProps = {
  firms: readonly FirmDto[];
  now: string;
  onSuspend: (firm: FirmDto) => void;
  onReactivate: (firm: FirmDto) => void;
};

/** Every firm with its address, its state and how many people it has. */
export function FirmTable({ firms, now, onSuspend, onReactivate }: FirmTableProps) {
  return (
    <table className="tb stack" {...tableRoles.table}>
      <caption className="sr-only">Firms, by address</caption>
      <TableHead columns={["Firm", "State", { head: "Users", className: "r" }, "Created"]} action="Change" />
      <tbody {...tableRoles.group}>
        {firms.map((firm) => (
          <tr key={firm.id} {...tableRoles.row}>
            <td className="wide [overflow-wrap:anywhere]" {...tableRoles.cell}>
              <span className="font-emph">{firm.name}</span>
              <small className="block text-12 text-ink-3 phone:text-13">{firm.url.replace(/^https?:\/\//, "")}</small>
            </td>
            <td className="wide" {...tableRoles.cell}>
              <State firm={firm} now={now} />
            </td>
            <td className="wide text-right phone:text-left" {...tableRoles.cell}>
              <span className="hidden text-ink-3 phone:inline">Users </span>
              {firm.users.toLocaleString("en-US")}
            </td>
            <td className="wide text-ink-2" {...tableRoles.cell}>
              <span className="hidden text-ink-3 phone:inline">Created </span>
              {formatDay(firm.createdAt, ZONE, now)}
            </td>
            <td className="wide" {...tableRoles.cell}>
              <span className="-my-[5px] flex justify-end phone:my-0 phone:-ml-2.5 phone:justify-start">
                {firm.state === "active" ? (
                  <button
                    type="button"
                    className={buttonClass("quiet")}
                    aria-label={`Suspend ${firm.name}`}
                    onClick={() => onSuspend(firm)}
                  >
                    Suspend
                  </button>
                ) : (
                  <button
                    type="button"
                    className={buttonClass("quiet")}
                    aria-label={`Reactivate ${firm.name}`}
                    onClick={() => onReactivate(firm)}
                  >
                    Reactivate
                  </button>
                )}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function State({ firm, now }: { firm: FirmDto; now: string }) {
  const since = firm.stateSince ? ` since ${formatDay(firm.stateSince, ZONE, now)}` : "";
  if (firm.state === "active")
    return (
      <span className="inline-flex items-start gap-1.5">
        <Icon name="qualified" className="mt-0.5 text-good" />
        Active
      </span>
    );
  return (
    <>
      <span className="inline-flex items-start gap-1.5">
        <Icon name={firm.state === "closed" ? "lost" : "warn"} className="mt-0.5 text-warm" />
        {firm.state === "closed" ? "Closed" : "Suspended"}
        {since}
      </span>
      <small className="block max-w-[44ch] text-12 [overflow-wrap:anywhere] text-ink-2 phone:text-13">
        {firm.reason ?? (firm.eraseAfter ? `May be erased from ${formatDay(firm.eraseAfter, ZONE, now)} on` : "")}
      </small>
    </>
  );
}
