"use client";
import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";

type TipProps = {
  /** What the control does, in words; the control itself carries the same words for screen readers. */
  label: string;
  side?: "top" | "right" | "bottom";
  /** Shows it only where the rail is down to icons. */
  narrowOnly?: boolean;
  children: ReactNode;
};

/** A tooltip for a control that shows only an icon. */
export function Tip({ label, side = "bottom", narrowOnly = false, children }: TipProps) {
  return (
    <Tooltip.Provider delayDuration={300}>
      <Tooltip.Root>
        <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
        <Tooltip.Portal>
          <Tooltip.Content
            side={side}
            sideOffset={8}
            className={`floats z-50 rounded-ctl bg-raised px-2 py-1 text-12 text-ink shadow-lift ${narrowOnly ? "hidden narrow:block" : ""}`}
          >
            {label}
          </Tooltip.Content>
        </Tooltip.Portal>
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}
