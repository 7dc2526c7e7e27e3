"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ImportDto } from "@/lib/contracts/imports";
import { callApi, type Problem } from "./api-client";
import { ConfirmDialog } from "./confirm-dialog";
import { showToast } from "./toast";

/** What is asked about once before it is done. */
export type ImportDeed = "remove" | "stop" | "undo";

const WORDS: Record<ImportDeed, { title: (name: string) => string; verb: string; keep: string; means: string }> = {
  remove: {
    title: (name) => `Remove “${name}”?`,
    verb: "Remove",
    keep: "Keep it",
    means: "The file is deleted here. No lead was written, so nothing else changes.",
  },
  stop: {
    title: (name) => `Stop importing “${name}”?`,
    verb: "Stop",
    keep: "Go on",
    means: "Rows that were taken in so far stay. You can go on later, or take them back.",
  },
  undo: {
    title: (name) => `Take “${name}” back?`,
    verb: "Take it back",
    keep: "Keep it",
    means:
      "Leads that this import brought are dismissed and leave the open list. Those that somebody has moved, noted, given a contact or met since stay as they are. Leads that were here before keep what the list changed.",
  },
};

type ImportAskProps = {
  each: ImportDto;
  deed: ImportDeed | null;
  onClose: () => void;
  onUndone: (each: ImportDto) => void;
};

/** Asks once, then removes, stops or takes back. */
export function ImportAsk({ each, deed, onClose, onUndone }: ImportAskProps) {
  const router = useRouter();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const close = () => {
    setProblem(null);
    onClose();
  };
  const confirm = async (what: ImportDeed) => {
    setSending(true);
    const path = `/api/imports/${each.id}`;
    const result =
      what === "undo" ? await callApi<ImportDto>("POST", `${path}/undo`) : await callApi<null>("DELETE", path);
    setSending(false);
    if (!result.isOk) return setProblem(result.problem);
    close();
    if (result.data) return onUndone(result.data);
    showToast({ kind: "done", text: what === "stop" ? "Import stopped" : "Import removed" });
    if (what === "stop") router.refresh();
    else router.push("/imports");
  };
  const words = WORDS[deed ?? "remove"];
  return (
    <ConfirmDialog
      isOpen={deed !== null}
      title={words.title(each.filename)}
      verb={words.verb}
      keep={words.keep}
      problem={problem}
      isSending={isSending}
      onConfirm={() => deed && void confirm(deed)}
      onCancel={close}
    >
      {words.means}
    </ConfirmDialog>
  );
}
