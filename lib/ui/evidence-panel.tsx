"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { EvidenceDto } from "@/lib/contracts/evidence";
import { callApi, type Problem } from "./api-client";
import { ConfirmDialog } from "./confirm-dialog";
import { EvidenceAdd } from "./evidence-add";
import { EvidenceTable } from "./evidence-table";
import { Section } from "./section";
import { showToast } from "./toast";
import { useRefreshWhile } from "./use-refresh-while";

type EvidencePanelProps = {
  leadId: string;
  files: readonly EvidenceDto[];
  mayAdd: boolean;
  timeZone: string;
  now: string;
};

/** The files that the firm keeps with a lead: adding, saving and removing them. */
export function EvidencePanel({ leadId, files, mayAdd, timeZone, now }: EvidencePanelProps) {
  const router = useRouter();
  const [asked, setAsked] = useState<EvidenceDto | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  useRefreshWhile(files.some(({ state }) => state === "checking"));
  const remove = async ({ id }: EvidenceDto) => {
    setSending(true);
    const result = await callApi("DELETE", `/api/leads/${leadId}/evidence/${id}`);
    setSending(false);
    // One that is gone already is as gone as can be.
    if (!result.isOk && result.problem.code !== "not_found") return setProblem(result.problem);
    setAsked(null);
    showToast({ kind: "done", text: "File removed" });
    router.refresh();
  };
  const list =
    files.length > 0 ? (
      <EvidenceTable
        leadId={leadId}
        files={files}
        timeZone={timeZone}
        now={now}
        onRemove={(file) => {
          setProblem(null);
          setAsked(file);
        }}
      />
    ) : (
      <p className="text-ink-2">
        {mayAdd
          ? "None yet. Keep a bond paper, a photo or a motion with this lead; each is checked before anybody can open it."
          : "None yet."}
      </p>
    );
  return (
    <Section id="files" title="Files" note={files.length > 0 ? files.length : undefined}>
      {mayAdd ? <EvidenceAdd leadId={leadId}>{list}</EvidenceAdd> : list}
      <ConfirmDialog
        isOpen={asked !== null}
        title={asked ? `Remove “${asked.filename}”?` : ""}
        verb="Remove"
        keep="Keep it"
        problem={problem}
        isSending={isSending}
        onConfirm={() => asked && void remove(asked)}
        onCancel={() => setAsked(null)}
      >
        The file is deleted here; what was downloaded stays where it is. The timeline keeps that it was removed, and by
        whom.
      </ConfirmDialog>
    </Section>
  );
}
