"use client";
import { useId, useState } from "react";
import { Button } from "./button";
import { FieldError } from "./field";
import { Modal } from "./modal";

type ReasonDialogProps = {
  isOpen: boolean;
  /** What is about to happen: `Dismiss Fictus, Rowan Ellis`. */
  title: string;
  /** Where the reason is kept, and whether it can be undone. */
  description: string;
  confirmLabel: string;
  /** Why the last try was refused; what was typed is still there. */
  problem: string | undefined;
  isSending: boolean;
  onCancel: () => void;
  onConfirm: (reason: string) => void;
};

/** Asks why, in words, before a lead is dismissed or lost. */
export default function ReasonDialog({
  isOpen,
  title,
  description,
  confirmLabel,
  problem,
  isSending,
  onCancel,
  onConfirm,
}: ReasonDialogProps) {
  const id = useId();
  const [missing, setMissing] = useState<string>();
  const error = missing ?? problem;
  const send = (form: FormData) => {
    const reason = String(form.get("reason") ?? "").trim();
    if (reason === "") return setMissing("Say why in a few words.");
    setMissing(undefined);
    onConfirm(reason);
  };
  return (
    <Modal isOpen={isOpen} onOpenChange={(open) => open || onCancel()} title={title} description={description}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send(new FormData(event.currentTarget));
        }}
        className="mt-4"
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
            {confirmLabel}
          </Button>
          <Button kind="quiet" onClick={onCancel}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}
