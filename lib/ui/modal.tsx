"use client";
import { lazy, type ReactNode, Suspense } from "react";

export type ModalProps = {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  description?: ReactNode;
  /** Where the focus goes afterwards; left out, it is what had the focus before. */
  returnFocusTo?: HTMLElement | null;
  children: ReactNode;
};

/* Fetched when the first one opens: most visits to the list need no dialog, and every page would carry it. */
const ModalDialog = lazy(() => import("./modal-dialog"));

/** A dialog: for anything that is sent, deleted or needs a reason. */
export function Modal(props: ModalProps) {
  return props.isOpen ? (
    <Suspense fallback={null}>
      <ModalDialog {...props} />
    </Suspense>
  ) : null;
}
