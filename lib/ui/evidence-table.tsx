import type { EvidenceDto } from "@/lib/contracts/evidence";
import { EVIDENCE_TYPES } from "@/lib/core/evidence-types";
import { buttonClass } from "./button";
import { sizeWords } from "./export-words";
import { formatMoment } from "./format";
import { Icon, type IconName } from "./icons";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";

type EvidenceTableProps = {
  leadId: string;
  files: readonly EvidenceDto[];
  timeZone: string;
  now: string;
  onRemove: (file: EvidenceDto) => void;
};

const STATES: Record<EvidenceDto["state"], { icon: IconName; tone: string; words: string }> = {
  uploading: { icon: "clock", tone: "text-ink-3", words: "On its way" },
  checking: { icon: "clock", tone: "text-ink-3", words: "Being checked" },
  ready: { icon: "check", tone: "text-good", words: "Checked" },
  refused: { icon: "barred", tone: "text-danger", words: "Refused" },
};

/** The files of a lead: what each is, who added it, whether it was checked, and what can be done with it. A file is saved, never shown in place. */
export function EvidenceTable({ leadId, files, timeZone, now, onRemove }: EvidenceTableProps) {
  return (
    <table className="tb stack" {...tableRoles.table}>
      <caption className="sr-only">Files of this lead, newest first</caption>
      <colgroup>
        <col />
        <col className="w-[176px]" />
        <col className="w-[190px]" />
        <col className="w-[176px]" />
      </colgroup>
      <TableHead columns={["File", "Added", "State"]} action="Change" />
      <tbody {...tableRoles.group}>
        {files.map((file) => {
          const { icon, tone, words } = STATES[file.state];
          return (
            <tr key={file.id} {...tableRoles.row}>
              <td className="wide max-w-[260px] phone:max-w-full" {...tableRoles.cell}>
                <span className="font-emph [overflow-wrap:anywhere]">{file.filename}</span>
                <small className="num block text-12 text-ink-3 phone:text-13">
                  {EVIDENCE_TYPES[file.type].name}, {sizeWords(file.bytes)}
                </small>
              </td>
              <td className="wide text-ink-2" {...tableRoles.cell}>
                {formatMoment(file.createdAt, timeZone, now)}
                {file.addedBy.name ? (
                  <small className="block text-12 text-ink-3 phone:text-13">by {file.addedBy.name}</small>
                ) : null}
              </td>
              <td className="wide" {...tableRoles.cell}>
                <span className="inline-flex items-start gap-1.5">
                  <Icon name={icon} className={`mt-0.5 ${tone}`} />
                  <span>
                    {words}
                    {file.problem ? (
                      <small className="block text-12 text-ink-2 phone:text-13">
                        {file.problem} Nothing of it was kept.
                      </small>
                    ) : null}
                  </span>
                </span>
              </td>
              <td className="wide" {...tableRoles.cell}>
                <span className="-my-[5px] flex items-center justify-end gap-1 phone:my-0 phone:-ml-2.5 phone:justify-start">
                  {file.state === "ready" ? (
                    <a
                      href={`/api/leads/${leadId}/evidence/${file.id}/file`}
                      download
                      aria-label={`Download ${file.filename}`}
                      className={buttonClass("quiet")}
                    >
                      Download
                    </a>
                  ) : null}
                  {file.mayRemove ? (
                    <button
                      type="button"
                      className={buttonClass("quiet")}
                      aria-label={`Remove ${file.filename}`}
                      onClick={() => onRemove(file)}
                    >
                      Remove
                    </button>
                  ) : null}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
