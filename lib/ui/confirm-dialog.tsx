"use client";
import type { ReactNode } from "react";
import { otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { FieldError } from "./field";
import { Modal } from "./modal";

type ConfirmDialogProps = {
  isOpen: boolean;
  /** Names the thing: `Revoke the key “Zoho import”?` */
  title: string;
  /** What will be different afterwards, and whether it can be undone. */
  children: ReactNode;
  /** The verb on the button: `Revoke`. */
  verb: string;
  /** The way back; `Cancel` unless something says it better, such as `Keep it`. */
  keep?: string;
  /** Why the last try was refused. */
  problem?: Problem | null;
  isSending?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
};

/** Asks once before something is taken away: the thing by name, what it means, one verb. */
export function ConfirmDialog({
  isOpen,
  title,
  children,
  verb,
  keep = "Cancel",
  problem = null,
  isSending = false,
  onConfirm,
  onCancel,
}: ConfirmDialogProps) {
  return (
    <Modal isOpen={isOpen} onOpenChange={(open) => open || onCancel()} title={title} description={children}>
      <FieldError id="confirm-problem" error={otherProblem(problem)} />
      <div className="mt-4 flex gap-2">
        <Button kind="primary" disabled={isSending} onClick={onConfirm}>
          {verb}
        </Button>
        <Button kind="quiet" onClick={onCancel}>
          {keep}
        </Button>
      </div>
    </Modal>
  );
}
