"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { ConsultationDto } from "@/lib/contracts/consultations";
import { callApi, fieldProblem, otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import type { ConsultationBookProps } from "./consultation-book";
import { ConsultationWhen, readWhen } from "./consultation-when";
import { Field, FieldError } from "./field";
import { formatInstant } from "./format";
import { Modal } from "./modal";
import { readableName } from "./readable";
import { showToast } from "./toast";

/** When, how long, what and where. What is connected follows: the event, the meeting, the record. */
export default function ConsultationBookForm({
  lead,
  timeZone,
  now,
  onClose,
}: ConsultationBookProps & { onClose: () => void }) {
  const id = useId();
  const router = useRouter();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isMissing, setMissing] = useState(false);
  const [isSending, setSending] = useState(false);
  const send = async (form: FormData) => {
    const { startsAt, minutes } = readWhen(form, timeZone);
    setMissing(startsAt === null);
    if (!startsAt) return;
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const location = text("location");
    setSending(true);
    const result = await callApi<ConsultationDto>("POST", "/api/consultations", {
      leadId: lead.id,
      startsAt,
      minutes,
      kind: text("kind") || "Consultation",
      ...(location ? { location } : {}),
    });
    setSending(false);
    if (!result.isOk) return setProblem(result.problem);
    onClose();
    showToast({ kind: "done", text: `Booked for ${formatInstant(startsAt, timeZone, now)}` });
    router.refresh();
  };
  return (
    <Modal
      isOpen
      onOpenChange={(isOpen) => isOpen || onClose()}
      title={`Book a consultation with ${readableName(lead.name)}`}
      description="Agree on the time with the person first: we do not notify them. Times are in the firm’s time zone."
    >
      <form
        className="mt-4 grid gap-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          void send(new FormData(event.currentTarget));
        }}
      >
        <ConsultationWhen
          id={id}
          minutes={30}
          timeZone={timeZone}
          now={now}
          errors={{
            startsAt: isMissing ? "Choose a day and a time." : fieldProblem(problem, "startsAt"),
            minutes: fieldProblem(problem, "minutes"),
          }}
        />
        <Field
          id={`${id}-kind`}
          name="kind"
          label="What"
          defaultValue="Consultation"
          maxLength={120}
          autoComplete="off"
          error={fieldProblem(problem, "kind")}
        />
        <Field
          id={`${id}-place`}
          name="location"
          label="Where"
          hint="A place, a phone call, or nothing: with Zoom connected it gets a meeting."
          maxLength={300}
          autoComplete="off"
          error={fieldProblem(problem, "location")}
        />
        <FieldError id={`${id}-problem`} error={otherProblem(problem, ["startsAt", "minutes", "kind", "location"])} />
        <div className="flex gap-2">
          <Button type="submit" kind="primary" disabled={isSending}>
            Book
          </Button>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}
