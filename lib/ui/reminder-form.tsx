"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { callApi, otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { FieldError, SelectField } from "./field";
import { Section } from "./section";
import { showToast } from "./toast";

/* Minutes before a consultation. What somebody set through the API beside these stays a choice of its own. */
const CHOICES: Record<number, string> = {
  5: "5 minutes before",
  10: "10 minutes before",
  15: "15 minutes before",
  30: "30 minutes before",
  60: "1 hour before",
  120: "2 hours before",
  1440: "1 day before",
};

/** How long before a consultation one is reminded, or not at all. */
export function ReminderForm({ minutes }: { minutes: number | null }) {
  const id = useId();
  const router = useRouter();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const save = async (chosen: string) => {
    setSending(true);
    const result = await callApi("PATCH", "/api/account/reminders", { minutes: chosen === "" ? null : Number(chosen) });
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    showToast({ kind: "done", text: chosen === "" ? "You are not reminded any more" : "Saved" });
    router.refresh();
  };
  const isOther = minutes !== null && !(minutes in CHOICES);
  return (
    <Section id="reminders" title="Reminders">
      <p className="mb-3 max-w-[68ch] text-ink-2">
        The bell beside the pages counts the consultations that begin soon, while Arrestra is open in your browser.
      </p>
      <form
        className="flex max-w-[440px] items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void save(String(new FormData(event.currentTarget).get("minutes") ?? ""));
        }}
      >
        <SelectField
          key={minutes}
          id={`${id}-minutes`}
          name="minutes"
          defaultValue={minutes ?? ""}
          label="Remind me"
          className="min-w-0 flex-1"
        >
          {isOther ? <option value={minutes}>{minutes} minutes before</option> : null}
          {Object.entries(CHOICES).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
          <option value="">Not at all</option>
        </SelectField>
        <Button type="submit" disabled={isSending}>
          {isSending ? "Saving…" : "Save"}
        </Button>
      </form>
      <FieldError id={`${id}-error`} error={otherProblem(problem)} />
    </Section>
  );
}
