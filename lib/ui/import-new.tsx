"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { megabytes } from "@/lib/core/bytes";
import { IMPORT_MAX_BYTES, IMPORT_MAX_ROWS } from "@/lib/core/import-limits";
import { otherProblem, type Problem } from "./api-client";
import { buttonClass } from "./button";
import { FieldError } from "./field";
import { ProgressBar } from "./progress-bar";
import { sendImport } from "./send-import";

const LIMITS = `at most ${IMPORT_MAX_ROWS.toLocaleString("en-US")} rows and ${megabytes(IMPORT_MAX_BYTES)}`;

/** Chooses a file and sends it at once; the import's own page goes on from there. */
export function ImportNew() {
  const id = useId();
  const router = useRouter();
  const [sent, setSent] = useState<{ name: string; share: number } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const choose = async (file: File | undefined) => {
    if (!file) return;
    setProblem(null);
    setSent({ name: file.name, share: 0 });
    const result = await sendImport(file, (share) => setSent({ name: file.name, share }));
    if (result.isOk) return router.push(`/imports/${result.id}`);
    setSent(null);
    setProblem(result.problem);
  };
  const fault = otherProblem(problem);
  return (
    <div className="border-b border-line px-gutter py-4">
      <p className="mb-3 max-w-[66ch] text-ink-2" id={`${id}-hint`}>
        A CSV file with column headings in its first row, saved as UTF-8: {LIMITS}. Nothing becomes a lead until you
        have reviewed it.
      </p>
      <label className={`${buttonClass("primary")} relative cursor-pointer focus-within:shadow-[var(--focus)]`}>
        {sent ? "Sending…" : "Import a file"}
        <input
          type="file"
          accept=".csv,text/csv"
          className="absolute inset-0 cursor-pointer opacity-0 disabled:cursor-not-allowed"
          aria-describedby={`${id}-hint${fault ? ` ${id}-error` : ""}`}
          disabled={sent !== null}
          onChange={(event) => {
            const input = event.currentTarget;
            void choose(input.files?.[0]);
            // The same file can be chosen again after it was mended.
            input.value = "";
          }}
        />
      </label>
      {sent ? (
        <div className="mt-2 max-w-[420px]">
          <p role="status" className="text-ink-2 [overflow-wrap:anywhere]">
            {sent.share < 1 ? `${sent.name} is being sent` : `${sent.name} has come and is being read`}
          </p>
          <ProgressBar label={`Sent of ${sent.name}`} value={Math.round(sent.share * 100)} max={100} />
        </div>
      ) : null}
      <FieldError id={`${id}-error`} error={fault} />
    </div>
  );
}
