"use client";
import { useRouter } from "next/navigation";
import { lazy, Suspense, useState } from "react";
import type { ConsultationDto } from "@/lib/contracts/consultations";
import { callApi, problemText } from "./api-client";
import { Button } from "./button";
import { ConsultationOutcome } from "./consultation-outcome";
import { ATTENDANCE_NAMES } from "./consultation-words";
import { Icon } from "./icons";
import { Section } from "./section";
import { showToast } from "./toast";

type ConsultationActionsProps = { consultation: ConsultationDto; timeZone: string; now: string };

const DEEDS = ["move", "cancel", "relink"] as const;
type Deed = (typeof DEEDS)[number];
/** Who comes after it has begun says more often that nobody came than that it was called off. */
const NO_SHOW = "Did not take place";
const DEED_NAMES: Record<Deed, string> = { move: "Move", cancel: "Cancel", relink: "Put under another lead" };

const prepare = () => import("./consultation-dialogs");
const ConsultationDialog = lazy(prepare);

/** What can be done with a consultation: what came of it, who came, another time, off, another lead. */
export function ConsultationActions({ consultation, timeZone, now }: ConsultationActionsProps) {
  const { id, state, attendance, startsAt } = consultation;
  const router = useRouter();
  const [deed, setDeed] = useState<Deed | null>(null);
  const [isSending, setSending] = useState(false);
  const hasBegun = startsAt <= now;
  const deeds = DEEDS.filter((each) => each === "relink" || state === "scheduled");

  const sayAttendance = async (to: ConsultationDto["attendance"]) => {
    setSending(true);
    const result = await callApi("POST", `/api/consultations/${id}/attendance`, { attendance: to });
    setSending(false);
    if (!result.isOk) return showToast({ kind: "error", text: problemText(result.problem) });
    showToast({
      kind: "done",
      text: to === "unknown" ? "Attendance taken back" : `Attendance: ${ATTENDANCE_NAMES[to].toLowerCase()}`,
    });
    router.refresh();
  };

  return (
    <Section id="do" title="What to do">
      <div className="grid gap-4">
        {state === "canceled" || !hasBegun ? null : <ConsultationOutcome consultation={consultation} isLabelled />}
        {hasBegun && state !== "canceled" ? (
          <fieldset className="m-0 border-0 p-0">
            <legend className="mb-1.5 p-0 text-ink-3">Did the person come?</legend>
            <div className="flex flex-wrap gap-2">
              {(["attended", "absent"] as const).map((each) => (
                <Button
                  key={each}
                  aria-pressed={attendance === each}
                  disabled={isSending}
                  className="aria-pressed:bg-selected aria-pressed:font-strong"
                  onClick={() => void sayAttendance(attendance === each ? "unknown" : each)}
                >
                  {attendance === each ? <Icon name="check" /> : null}
                  {ATTENDANCE_NAMES[each]}
                </Button>
              ))}
            </div>
          </fieldset>
        ) : null}
        <div className="flex flex-wrap gap-2">
          {deeds.map((each) => (
            <Button key={each} onPointerEnter={prepare} onFocus={prepare} onClick={() => setDeed(each)}>
              {each === "cancel" && hasBegun ? NO_SHOW : DEED_NAMES[each]}…
            </Button>
          ))}
        </div>
      </div>
      {deed ? (
        <Suspense fallback={null}>
          <ConsultationDialog
            deed={deed}
            consultation={consultation}
            timeZone={timeZone}
            now={now}
            onClose={() => setDeed(null)}
          />
        </Suspense>
      ) : null}
    </Section>
  );
}
