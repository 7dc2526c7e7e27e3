"use client";
import { useRouter } from "next/navigation";
import { lazy, Suspense, useState } from "react";
import type { ConsultationDto } from "@/lib/contracts/consultations";
import { CONSULTATION_OUTCOMES, type ConsultationOutcome as Outcome } from "@/lib/core/consultation";
import { callApi, fieldProblem, otherProblem, type Problem, problemText } from "./api-client";
import { Button } from "./button";
import { OUTCOME_MARKS, OUTCOME_NAMES } from "./consultation-words";
import { Icon } from "./icons";
import { readableName } from "./readable";
import { showToast } from "./toast";

type ConsultationOutcomeProps = {
  consultation: Pick<ConsultationDto, "id" | "leadName" | "outcome">;
  /** Says above the buttons what they are; else it is said to who cannot see what they stand beside. */
  isLabelled?: boolean;
};

const prepare = () => import("./reason-dialog");
const ReasonDialog = lazy(prepare);

/** What came of it, one press each; declined asks why. The one that was chosen takes itself back. */
export function ConsultationOutcome({ consultation, isLabelled = false }: ConsultationOutcomeProps) {
  const { id, leadName, outcome } = consultation;
  const router = useRouter();
  const [isAsking, setAsking] = useState(false);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const send = async (to: Outcome | null, reason?: string) => {
    setSending(true);
    const result = await callApi("POST", `/api/consultations/${id}/outcome`, {
      outcome: to,
      ...(reason ? { reason } : {}),
    });
    setSending(false);
    if (!result.isOk) {
      if (reason === undefined) return showToast({ kind: "error", text: problemText(result.problem) });
      return setProblem(result.problem);
    }
    setAsking(false);
    showToast({ kind: "done", text: to ? `Outcome: ${OUTCOME_NAMES[to].toLowerCase()}` : "Outcome taken back" });
    router.refresh();
  };
  const choose = (to: Outcome) => {
    if (to === outcome) return void send(null);
    if (to !== "declined") return void send(to);
    setProblem(null);
    setAsking(true);
  };

  return (
    <fieldset className="m-0 border-0 p-0">
      <legend className={isLabelled ? "mb-1.5 p-0 text-ink-3" : "sr-only"}>
        What came of it{isLabelled ? "" : `: ${readableName(leadName)}`}
      </legend>
      <div className="flex flex-wrap gap-2">
        {CONSULTATION_OUTCOMES.map((each) => (
          <Button
            key={each}
            aria-pressed={outcome === each}
            disabled={isSending}
            className="aria-pressed:bg-selected aria-pressed:font-strong"
            onPointerEnter={each === "declined" ? prepare : undefined}
            onFocus={each === "declined" ? prepare : undefined}
            onClick={() => choose(each)}
          >
            {outcome === each ? <Icon name={OUTCOME_MARKS[each].icon} /> : null}
            {OUTCOME_NAMES[each]}
            {each === "declined" && outcome !== each ? "…" : ""}
          </Button>
        ))}
      </div>
      {isAsking ? (
        <Suspense fallback={null}>
          <ReasonDialog
            isOpen
            title={`${readableName(leadName)} declined`}
            description="The reason is kept in the lead’s timeline. The outcome can be taken back."
            confirmLabel="Save"
            problem={fieldProblem(problem, "reason") ?? otherProblem(problem, ["reason"])}
            isSending={isSending}
            onConfirm={(reason) => void send("declined", reason)}
            onCancel={() => setAsking(false)}
          />
        </Suspense>
      ) : null}
    </fieldset>
  );
}
