"use client";
import { Popover } from "radix-ui";
import type { RefObject } from "react";
import type { TipSide } from "./tip";

type TipBubbleProps = {
  anchor: RefObject<HTMLElement | null>;
  label: string;
  side: TipSide;
  narrowOnly: boolean;
  onClose: () => void;
};

/** The words behind `Tip`: a popover that takes no focus. Escape puts it away. */
export default function TipBubble({ anchor, label, side, narrowOnly, onClose }: TipBubbleProps) {
  return (
    <Popover.Root open onOpenChange={(isOpen) => isOpen || onClose()}>
      <Popover.Anchor virtualRef={anchor as RefObject<HTMLElement>} />
      <Popover.Portal>
        <Popover.Content
          role="tooltip"
          side={side}
          sideOffset={8}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          className={`floats pointer-events-none z-50 rounded-ctl bg-raised px-2 py-1 text-12 text-ink shadow-lift focus-visible:shadow-lift ${narrowOnly ? "hidden narrow:block" : ""}`}
        >
          {label}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
