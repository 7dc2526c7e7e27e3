"use client";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import type { EvidenceDto } from "@/lib/contracts/evidence";
import { callApi, type Problem } from "./api-client";
import { ConfirmDialog } from "./confirm-dialog";
import { EvidenceAdd } from "./evidence-add";
import { EvidenceTable } from "./evidence-table";
import { Section } from "./section";
import { showToast } from "./toast";
import { takeFocus } from "./use-disclosure";
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
  const removed = useRef<string | null>(null);
  const said = useChanges(files);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that removed a file has gone with its row: go on from the list, not from the top of the page.
    const names = new Set(files.map(({ id }) => id));
    if (removed.current && !names.has(removed.current)) {
      removed.current = null;
      if (document.activeElement === document.body) takeFocus(place.current);
    }
  }, [files]);
  useRefreshWhile(files.some(({ state }) => state === "checking"));
  const remove = async ({ id }: EvidenceDto) => {
    setSending(true);
    const result = await callApi("DELETE", `/api/leads/${leadId}/evidence/${id}`);
    setSending(false);
    // One that is gone already is as gone as can be.
    if (!result.isOk && result.problem.code !== "not_found") return setProblem(result.problem);
    setAsked(null);
    removed.current = id;
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
      <p role="status" className="sr-only">
        {said}
      </p>
      <div ref={place} tabIndex={-1}>
        {mayAdd ? <EvidenceAdd leadId={leadId}>{list}</EvidenceAdd> : list}
      </div>
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

/** What became of the files since they were last seen, for who cannot see it: `bond.pdf: checked.` */
function useChanges(files: readonly EvidenceDto[]): string {
  const [seen, setSeen] = useState(files);
  const [said, setSaid] = useState("");
  if (seen !== files) {
    const before = new Map(seen.map(({ id, state }) => [id, state]));
    // One that was checked before anybody looked is told too.
    const isDone = (state: EvidenceDto["state"] | undefined) => state === "ready" || state === "refused";
    const changed = files.filter(({ id, state }) => isDone(state) && !isDone(before.get(id)));
    setSeen(files);
    if (changed.length > 0)
      setSaid(
        changed
          .map(({ filename, state, problem }) =>
            state === "ready" ? `${filename}: checked, ready.` : `${filename}: refused. ${problem ?? ""}`,
          )
          .join(" "),
      );
  }
  return said;
}
