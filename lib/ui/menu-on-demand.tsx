"use client";
import {
  type ComponentProps,
  cloneElement,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  Suspense,
  useState,
  useTransition,
} from "react";

type MenuOnDemandProps = {
  /** The button. It stands alone until it is first pressed. */
  trigger: ReactElement<ComponentProps<"button">>;
  /** Fetches the menu's code: called when the button looks like being pressed soon. */
  prepare: () => unknown;
  /** The menu, open at once, with the same button as its trigger. */
  children: ReactNode;
};

/** A menu whose code is fetched when it is first wanted: most visits open none, and every page would carry it. */
export function MenuOnDemand({ trigger, prepare, children }: MenuOnDemandProps) {
  const [isAsked, setAsked] = useState(false);
  const [, startTransition] = useTransition();
  // in a transition, so that the button stays until the menu is there
  const ask = () => startTransition(() => setAsked(true));
  if (isAsked) return <Suspense fallback={trigger}>{children}</Suspense>;
  return cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: prepare,
    onFocus: prepare,
    onClick: ask,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      ask();
    },
  });
}
