import type { ExportDto } from "@/lib/contracts/exports";
import { ROWS_WITHOUT_FACTOR } from "@/lib/core/export-limits";
import { buttonClass } from "./button";
import { DownloadLink } from "./download-link";
import { EXPORT_KIND_WORDS, exportState, isUnderWay } from "./export-words";
import { formatMoment } from "./format";
import { Icon } from "./icons";
import { ProgressBar } from "./progress-bar";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";

type ExportTableProps = {
  exports: readonly ExportDto[];
  freshUntil: string | null;
  timeZone: string;
  now: string;
  onRemove: (each: ExportDto) => void;
};

/* Widths that stay: nothing moves aside when a file is ready and can be downloaded. */
const COLUMNS = [
  { head: "What", className: "w-[30%]" },
  { head: "Asked for", className: "w-[22%]" },
  { head: "State", className: "w-[28%]" },
];

/** Exports with how far they are, and what can be done with each. */
export function ExportTable({ exports, ...rest }: ExportTableProps) {
  return (
    <div className="overflow-x-auto px-gutter py-3">
      <table className="tb stack" {...tableRoles.table}>
        <caption className="sr-only">Exports, newest first</caption>
        <TableHead columns={COLUMNS} action="Change" />
        <tbody {...tableRoles.group}>
          {exports.map((each) => (
            <ExportLine key={each.id} each={each} {...rest} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

type LineProps = Omit<ExportTableProps, "exports"> & { each: ExportDto };

function ExportLine({ each, freshUntil, timeZone, now, onRemove }: LineProps) {
  const name = `${EXPORT_KIND_WORDS[each.kind]}, ${each.about}`;
  return (
    <tr {...tableRoles.row}>
      <td className="wide max-w-[44ch]" {...tableRoles.cell}>
        <span className="font-emph">{EXPORT_KIND_WORDS[each.kind]}</span>
        <small className="block text-12 text-ink-3 [overflow-wrap:anywhere] phone:text-13">{each.about}</small>
      </td>
      <td className="wide text-ink-2" {...tableRoles.cell}>
        {formatMoment(each.createdAt, timeZone, now)}
        {each.askedBy.name ? (
          <small className="block text-12 text-ink-3 phone:text-13">by {each.askedBy.name}</small>
        ) : null}
      </td>
      <td className="wide min-w-[220px]" {...tableRoles.cell}>
        <State each={each} name={name} timeZone={timeZone} now={now} />
      </td>
      <td className="wide" {...tableRoles.cell}>
        <span className="-my-[5px] flex items-center justify-end gap-1 phone:mt-2 phone:mb-0 phone:justify-start">
          {each.state === "ready" ? (
            <DownloadLink
              href={`/api/exports/${each.id}/file`}
              isLarge={each.rows > ROWS_WITHOUT_FACTOR}
              freshUntil={freshUntil}
            >
              Download<span className="sr-only"> {name}</span>
            </DownloadLink>
          ) : null}
          <button
            type="button"
            // Alone on a phone, its word stands under the others.
            className={buttonClass("quiet", "phone:first:-ml-[11px]")}
            aria-label={`${isUnderWay(each) ? "Stop" : "Remove"} ${name}`}
            onClick={() => onRemove(each)}
          >
            {isUnderWay(each) ? "Stop" : "Remove"}
          </button>
        </span>
      </td>
    </tr>
  );
}

function State({ each, name, timeZone, now }: { each: ExportDto; name: string; timeZone: string; now: string }) {
  const { icon, tone, words, more } = exportState(each, timeZone, now);
  return (
    <>
      <span className="num inline-flex items-start gap-1.5">
        <Icon name={icon} className={`mt-0.5 ${tone}`} />
        <span>
          {words}
          {more ? <small className="block text-12 text-ink-3 phone:text-13">{more}</small> : null}
        </span>
      </span>
      {isUnderWay(each) ? (
        <div className="max-w-[260px] phone:max-w-none">
          <ProgressBar
            label={`Rows written of ${name}`}
            value={each.rows}
            max={each.state === "running" ? each.rowsExpected : null}
          />
        </div>
      ) : null}
    </>
  );
}
