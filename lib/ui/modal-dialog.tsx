"use client";
import { setNonce } from "get-nonce";
import { Dialog } from "radix-ui";
import { useState } from "react";
import type { ModalProps } from "./modal";

/* The dialog locks the page's scroll with a style element, which the content policy only lets in with the nonce of this page. Said before the first
   dialog is mounted: its parts put the element in before our own effects run. */
if (typeof document !== "undefined") {
  const nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
  if (nonce) setNonce(nonce);
}

/** The dialog behind `Modal`. Focus stays inside and comes back to where it was. */
export default function ModalDialog({ isOpen, onOpenChange, title, description, returnFocusTo, children }: ModalProps) {
  const [opener] = useState(() => returnFocusTo ?? findOpener());
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[oklch(.2_.02_250/.32)]" />
        <Dialog.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            opener?.focus();
          }}
          className="floats fixed top-[12vh] left-1/2 z-50 max-h-[80vh] w-[440px] max-w-[calc(100vw-24px)] -translate-x-1/2 overflow-y-auto rounded-float bg-raised p-5 shadow-lift focus-visible:rounded-float phone:top-4"
        >
          <Dialog.Title className="text-16 font-head tracking-[-0.01em]">{title}</Dialog.Title>
          {description ? <Dialog.Description className="mt-1 text-ink-2">{description}</Dialog.Description> : null}
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/* What had the focus when the dialog opened. An item of a menu goes with its menu, so there it is the button of the menu. */
function findOpener(): HTMLElement | null {
  const at = document.activeElement;
  const button = at?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  const opener = button ? document.getElementById(button) : at;
  return opener instanceof HTMLElement ? opener : null;
}
