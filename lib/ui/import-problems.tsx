"use client";
import { useState } from "react";
import type { ProblemPage } from "@/lib/contracts/imports";
import { callApi, problemText } from "./api-client";
import { Button } from "./button";
import { countOf } from "./format";
import { fieldLabel } from "./import-words";
import { Section } from "./section";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";
import { showToast } from "./toast";

const HEADS = [
  { head: "Row", className: "r w-[72px]" },
  { head: "Field", className: "w-[22%]" },
  { head: "What is wrong", className: "" },
];

/** The rows of a file that are refused, with what is wrong where. */
export function ImportProblems({ importId, first }: { importId: string; first: ProblemPage }) {
  const [given, setGiven] = useState(first);
  const [page, setPage] = useState(first);
  const [isAsking, setAsking] = useState(false);
  if (given !== first) {
    setGiven(first);
    setPage(first);
  }
  const more = async (cursor: string) => {
    setAsking(true);
    const path = `/api/imports/${importId}/problems?limit=100&cursor=${encodeURIComponent(cursor)}`;
    const result = await callApi<ProblemPage>("GET", path);
    setAsking(false);
    if (!result.isOk) return showToast({ kind: "error", text: problemText(result.problem) });
    setPage({ ...result.data, problems: [...page.problems, ...result.data.problems] });
  };
  const { problems, total, nextCursor } = page;
  if (total === 0 && problems.length === 0) return null;
  return (
    <Section id="problems" title="Refused rows" note={countOf(total, "row")}>
      <p className="mb-3 max-w-[66ch] text-ink-2">
        Rows are numbered as a spreadsheet numbers them: the headings are row 1. Correct them in the file and import it
        again; rows that were imported already stay unchanged.
      </p>
      <table className="tb stack" {...tableRoles.table}>
        <caption className="sr-only">Refused rows of the file</caption>
        <TableHead columns={HEADS} />
        <tbody {...tableRoles.group}>
          {problems.map(({ row, field, reason }) => (
            <tr key={row} {...tableRoles.row}>
              <td className="num r phone:text-left!" {...tableRoles.cell}>
                <span className="hidden phone:inline">Row </span>
                {row.toLocaleString("en-US")}
              </td>
              <td className="font-emph" {...tableRoles.cell}>
                {fieldLabel(field)}
              </td>
              <td className="wide" {...tableRoles.cell}>
                {reason}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-3 flex flex-wrap items-center gap-3 text-ink-3">
        Showing {problems.length.toLocaleString("en-US")} of {total.toLocaleString("en-US")}
        {nextCursor ? (
          <Button disabled={isAsking} onClick={() => void more(nextCursor)}>
            {isAsking ? "Fetching…" : "Show more"}
          </Button>
        ) : total > problems.length ? (
          <span>The first 1,000 are kept.</span>
        ) : null}
      </p>
    </Section>
  );
}
