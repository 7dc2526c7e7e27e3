"use client";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import type { LeadDto } from "@/lib/contracts/leads";
import { type LeadStatus, REASON_REQUIRED, STATUS_MOVES, STATUS_WORDS } from "@/lib/core/lead-status";
import { callApi, type Problem, problemText } from "./api-client";
import { countOf } from "./format";
import ReasonDialog from "./reason-dialog";
import { showToast } from "./toast";

/** A lead as far as a move needs it. */
export type MovableLead = Pick<LeadDto, "id" | "name" | "status" | "version">;

type MoveLeads = {
  /** Moves the leads of `current`; asks for a reason first where one is required. */
  move: (to: LeadStatus) => void;
  isMoving: boolean;
  /** The dialog that asks; render it once. */
  dialog: ReactNode;
};

/**
 * Status moves from a page: one way for the lead's page, the list's toolbar and the keys. Says the outcome in a toast; a refused reason stays
 * typed. `current` is asked again at every try, so that a second one carries the versions that the page shows by then.
 */
export function useMoveLeads(current: () => readonly MovableLead[]): MoveLeads {
  const router = useRouter();
  const [isMoving, setMoving] = useState(false);
  const [asked, setAsked] = useState<{ name: string; to: LeadStatus; problem?: string } | null>(null);

  const send = async (to: LeadStatus, reason?: string) => {
    const leads = current();
    // one lead is always asked for: if it cannot go there any more, the refusal says why
    const able = leads.length === 1 ? leads : leads.filter((lead) => STATUS_MOVES[lead.status].includes(to));
    const problems: Problem[] = [];
    setMoving(true);
    for (const lead of able) {
      const body = { leadId: lead.id, to, expectedVersion: lead.version, ...(reason ? { reason } : {}) };
      const result = await callApi<LeadDto>("POST", "/api/leads/status", body);
      if (!result.isOk) problems.push(result.problem);
    }
    setMoving(false);
    router.refresh();
    const [first] = problems;
    if (reason && first && problems.length === able.length) {
      setAsked({ name: nameOf(leads), to, problem: problemText(first) });
    } else {
      setAsked(null);
      sayOutcome(leads, to, able.length - problems.length, problems, () => router.refresh());
    }
  };

  const move: MoveLeads["move"] = (to) => {
    const leads = current();
    if (leads.length === 0 || isMoving) return;
    if (REASON_REQUIRED.includes(to)) setAsked({ name: nameOf(leads), to });
    else void send(to);
  };

  const dialog = (
    <ReasonDialog
      isOpen={asked !== null}
      title={
        asked ? `${asked.to === "lost" ? "Mark" : "Dismiss"} ${asked.name}${asked.to === "lost" ? " as lost" : ""}` : ""
      }
      description="The reason is kept in the timeline. The lead can be moved to Reviewed again."
      confirmLabel={asked?.to === "lost" ? "Mark as lost" : "Dismiss"}
      problem={asked?.problem}
      isSending={isMoving}
      onCancel={() => setAsked(null)}
      onConfirm={(reason) => asked && void send(asked.to, reason)}
    />
  );
  return { move, isMoving, dialog };
}

const nameOf = (leads: readonly MovableLead[]): string =>
  leads.length === 1 && leads[0] ? leads[0].name : countOf(leads.length, "lead");

function sayOutcome(
  leads: readonly MovableLead[],
  to: LeadStatus,
  moved: number,
  problems: Problem[],
  show: () => void,
) {
  const [first] = problems;
  const stayed = leads.length - moved;
  if (first && leads.length === 1) {
    const action = first.code === "conflict" ? { action: { label: "Show change", run: show } } : {};
    return showToast({ kind: "error", text: problemText(first), ...action });
  }
  const word = STATUS_WORDS[to];
  if (leads.length === 1) return showToast({ kind: "done", text: `${nameOf(leads)} moved to ${word}` });
  const rest = stayed === 0 ? "" : `. ${stayed} stayed as ${stayed === 1 ? "it was" : "they were"}`;
  const why = first ? `: ${first.detail}` : "";
  showToast({ kind: first ? "error" : "done", text: `${countOf(moved, "lead")} moved to ${word}${rest}${why}` });
}
