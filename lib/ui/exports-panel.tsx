"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ExportDto } from "@/lib/contracts/exports";
import type { Problem } from "./api-client";
import { callApi } from "./api-client";
import { buttonClass } from "./button";
import { ConfirmDialog } from "./confirm-dialog";
import { ExportTable } from "./export-table";
import { EXPORT_KIND_WORDS, isUnderWay } from "./export-words";
import { Empty, Partial } from "./states";
import { showToast } from "./toast";
import { useExports } from "./use-exports";

type ExportsPanelProps = {
  exports: readonly ExportDto[];
  /** The query of this page, as the API takes it too. */
  query: string;
  freshUntil: string | null;
  timeZone: string;
  now: string;
};

/** The exports of one page, live while one of them is under way. */
export function ExportsPanel({ exports: given, query, freshUntil, timeZone, now: readAt }: ExportsPanelProps) {
  const router = useRouter();
  const { exports, now, said, isAway } = useExports(given, readAt, query);
  const [asked, setAsked] = useState<ExportDto | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const remove = async ({ id }: ExportDto) => {
    setSending(true);
    const result = await callApi("DELETE", `/api/exports/${id}`);
    setSending(false);
    // One that is gone already is as gone as can be.
    if (!result.isOk && result.problem.code !== "not_found") return setProblem(result.problem);
    setAsked(null);
    showToast({ kind: "done", text: "Export removed" });
    router.refresh();
  };
  const verb = asked && isUnderWay(asked) ? "Stop" : "Remove";
  return (
    <>
      <p role="status" className="sr-only">
        {said}
      </p>
      {isAway ? (
        <Partial title="No answer came.">This may be out of date. We check again every two seconds.</Partial>
      ) : null}
      {exports.length === 0 ? (
        <Empty
          title="Nothing is prepared"
          actions={
            <Link href="/leads" prefetch={false} className={buttonClass()}>
              Leads
            </Link>
          }
        >
          Long lists are written into a file here instead of being downloaded at once. Press Export on the leads or the
          audit trail, and watch the file grow; it waits for a day.
        </Empty>
      ) : (
        <ExportTable
          exports={exports}
          freshUntil={freshUntil}
          timeZone={timeZone}
          now={now}
          onRemove={(each) => {
            setProblem(null);
            setAsked(each);
          }}
        />
      )}
      <ConfirmDialog
        isOpen={asked !== null}
        title={asked ? `${verb} the export “${EXPORT_KIND_WORDS[asked.kind]}, ${asked.about}”?` : ""}
        verb={verb}
        keep="Keep it"
        problem={problem}
        isSending={isSending}
        onConfirm={() => asked && void remove(asked)}
        onCancel={() => setAsked(null)}
      >
        The file is deleted here; what was downloaded stays where it is. The leads and the audit trail are not touched,
        so you can ask for it again.
      </ConfirmDialog>
    </>
  );
}
