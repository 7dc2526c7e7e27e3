"use client";
import Link from "next/link";
import type { ImportDto } from "@/lib/contracts/imports";
import { formatMoment } from "./format";
import { Icon } from "./icons";
import { ImportNew } from "./import-new";
import { importState, isWorking } from "./import-words";
import { Empty } from "./states";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";
import { useRefreshWhile } from "./use-refresh-while";

type ImportsViewProps = { imports: readonly ImportDto[]; timeZone: string; now: string };

/** The firm's imports, newest first, and the way to begin one. */
export function ImportsView({ imports, timeZone, now }: ImportsViewProps) {
  useRefreshWhile(imports.some(isWorking));
  return (
    <>
      <ImportNew />
      {imports.length === 0 ? (
        <Empty
          title="No list was imported yet"
          steps={[
            "Choose a file that the firm may use: its own clients, a county’s list, another system’s export.",
            "Say which column is what.",
            "See what each row would become, and import it. It can be taken back.",
          ]}
        >
          Imported leads appear beside all others and are worked the same way.
        </Empty>
      ) : (
        <div className="overflow-x-auto px-gutter py-3">
          <table className="tb stack" {...tableRoles.table}>
            <caption className="sr-only">Imports, newest first</caption>
            <TableHead columns={["File", "Brought", "State"]} />
            <tbody {...tableRoles.group}>
              {imports.map((each) => (
                <ImportLine key={each.id} each={each} timeZone={timeZone} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function ImportLine({ each, timeZone, now }: { each: ImportDto; timeZone: string; now: string }) {
  const { icon, tone, words } = importState(each);
  return (
    <tr {...tableRoles.row}>
      <td className="wide max-w-[44ch] [overflow-wrap:anywhere]" {...tableRoles.cell}>
        <Link
          href={`/imports/${each.id}`}
          prefetch={false}
          className="-my-0.5 inline-flex min-h-6 items-center font-emph phone:my-0 phone:min-h-11"
        >
          {each.filename}
        </Link>
      </td>
      <td className="wide text-ink-2" {...tableRoles.cell}>
        {formatMoment(each.createdAt, timeZone, now)}
        <small className="block text-12 text-ink-3 phone:text-13">by {each.importedBy.name}</small>
      </td>
      <td className="wide" {...tableRoles.cell}>
        <span className="num inline-flex items-start gap-1.5">
          <Icon name={icon} className={`mt-0.5 ${tone}`} />
          {words}
        </span>
      </td>
    </tr>
  );
}
