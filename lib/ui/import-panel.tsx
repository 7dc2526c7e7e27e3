"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useCallback, useState } from "react";
import type { ImportDto, ProblemPage } from "@/lib/contracts/imports";
import { callApi, problemText } from "./api-client";
import { Button, buttonClass } from "./button";
import { countOf } from "./format";
import { Icon } from "./icons";
import { ImportAsk, type ImportDeed } from "./import-ask";
import { ImportColumns } from "./import-columns";
import { ImportNow } from "./import-now";
import { ImportProblems } from "./import-problems";
import { IMPORT_STEPS, isMappable, isWorking, stepOf } from "./import-words";
import { Partial } from "./states";
import { showToast } from "./toast";
import { useImport } from "./use-import";

type ImportPanelProps = {
  each: ImportDto;
  samples: readonly (readonly string[])[];
  problems: ProblemPage;
  /** The leads that were first seen on the day of the import. */
  leadsHref: string;
};

/** One import, step by step; live while a job is at work on it. */
export function ImportPanel({ each: given, samples, problems, leadsHref }: ImportPanelProps) {
  const router = useRouter();
  const refresh = useCallback(() => router.refresh(), [router]);
  const { each, isAway, take } = useImport(given, refresh);
  const [asked, setAsked] = useState<ImportDeed | null>(null);
  const [isSending, setSending] = useState(false);
  const [choosesAgain, setChoosesAgain] = useState(false);
  const post = async (what: "run" | "undo") => {
    setSending(true);
    const result = await callApi<ImportDto>("POST", `/api/imports/${each.id}/${what}`);
    setSending(false);
    if (!result.isOk) return showToast({ kind: "error", text: problemText(result.problem) });
    take(result.data);
  };
  const isChecked = each.state === "checked" && !choosesAgain;
  const taken = each.created + each.updated;
  const hasWritten = each.failedAt === "importing" && taken > 0;
  return (
    <>
      <Steps step={choosesAgain && each.state === "checked" ? 1 : stepOf(each)} />
      {isAway ? (
        <Partial title="No answer came.">This may be out of date. We check again every two seconds.</Partial>
      ) : null}
      <ImportNow each={each} />
      <div className="flex flex-wrap gap-2 border-b border-line px-gutter pb-4 empty:hidden">
        {isChecked && taken + each.unchanged > 0 ? (
          <Button kind="primary" disabled={isSending} onClick={() => void post("run")}>
            {taken > 0 ? `Import ${countOf(taken, "lead")}` : "Import; nothing would change"}
          </Button>
        ) : null}
        {isChecked ? <Button onClick={() => setChoosesAgain(true)}>Change columns</Button> : null}
        {each.state === "failed" && each.failedAt === "importing" && each.hasFile ? (
          <Button kind="primary" disabled={isSending} onClick={() => void post("run")}>
            Go on
          </Button>
        ) : null}
        {each.state === "failed" && each.failedAt === "undoing" ? (
          <Button kind="primary" disabled={isSending} onClick={() => void post("undo")}>
            Try again
          </Button>
        ) : null}
        {each.state === "done" ? (
          <Link href={leadsHref} prefetch={false} className={buttonClass("primary")}>
            Leads first seen that day
          </Link>
        ) : null}
        {(each.state === "done" && each.created + each.updated > 0) || hasWritten ? (
          <Button onClick={() => setAsked("undo")}>Take it back</Button>
        ) : null}
        {each.state === "importing" ? <Button onClick={() => setAsked("stop")}>Stop</Button> : null}
        {isMappable(each) || each.state === "uploading" || each.state === "checking" ? (
          <Button onClick={() => setAsked("remove")}>Remove</Button>
        ) : null}
      </div>
      {isMappable(each) && !isChecked ? (
        <ImportColumns
          key={each.id}
          each={each}
          samples={samples}
          onStarted={(started) => {
            setChoosesAgain(false);
            take(started);
          }}
        />
      ) : null}
      {isWorking(each) || (isMappable(each) && !isChecked) ? null : (
        <ImportProblems importId={each.id} first={problems} />
      )}
      <ImportAsk each={each} deed={asked} onClose={() => setAsked(null)} onUndone={take} />
    </>
  );
}

function Steps({ step }: { step: number }) {
  return (
    <ol
      aria-label="Steps"
      className="flex flex-wrap gap-x-5 gap-y-1 border-b border-line px-gutter pt-2 pb-3 text-ink-3"
    >
      {IMPORT_STEPS.map((name, index) => (
        <li
          key={name}
          aria-current={index === step ? "step" : undefined}
          className={index === step ? "font-strong text-ink" : undefined}
        >
          <span className="num">{index + 1}</span> {name}
          {index < step ? (
            <>
              <Icon name="check" className="ml-1 inline-block align-[-3px] text-good" />
              <span className="sr-only"> done</span>
            </>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
