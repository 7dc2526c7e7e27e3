"use client";
import { useId, useState } from "react";
import { fieldProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { FieldError } from "./field";
import { Modal } from "./modal";
import { otherProblem } from "./use-link-form";

type ConsultationDeclinedProps = {
  name: string;
  problem: Problem | null;
  isSending: boolean;
  onConfirm: (reason: string) => void;
  onCancel: () => void;
};

/** Asks why a person declined: the lead is lost with it, and the reason stays with the lead. */
export default function ConsultationDeclined({
  name,
  problem,
  isSending,
  onConfirm,
  onCancel,
}: ConsultationDeclinedProps) {
  const id = useId();
  const [isMissing, setMissing] = useState(false);
  const error = isMissing
    ? "Say why in a few words."
    : (fieldProblem(problem, "reason") ?? otherProblem(problem, ["reason"]));
  return (
    <Modal
      isOpen
      onOpenChange={(isOpen) => isOpen || onCancel()}
      title={`${name} declined`}
      description="The reason is kept in the lead’s timeline. The outcome can be taken back."
    >
      <form
        className="mt-4"
        onSubmit={(event) => {
          event.preventDefault();
          const reason = String(new FormData(event.currentTarget).get("reason") ?? "").trim();
          setMissing(reason === "");
          if (reason) onConfirm(reason);
        }}
      >
        <label htmlFor={id} className="mb-1.5 block font-emph">
          Reason
        </label>
        <textarea
          id={id}
          name="reason"
          rows={3}
          maxLength={500}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          className="w-full rounded-ctl border border-edge bg-canvas px-2.5 py-1.5 text-ink phone:text-16"
        />
        <FieldError id={`${id}-error`} error={error} />
        <div className="mt-4 flex gap-2">
          <Button type="submit" kind="primary" disabled={isSending}>
            Save
          </Button>
          <Button kind="quiet" onClick={onCancel}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}
