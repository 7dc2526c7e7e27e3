"use client";
import {
  type ComponentProps,
  cloneElement,
  lazy,
  type PointerEvent,
  type ReactElement,
  Suspense,
  useEffect,
  useRef,
  useState,
} from "react";

export type TipSide = "top" | "right" | "bottom";

type TipProps = {
  /** What the control does, in words; the control itself carries the same words for screen readers. */
  label: string;
  side?: TipSide;
  /** Shows it only where the rail is down to icons. */
  narrowOnly?: boolean;
  children: ReactElement<ComponentProps<"a">>;
};

const DELAY_MS = 300;
const TipBubble = lazy(() => import("./tip-bubble"));

/** A tooltip for a control that shows only an icon: after a moment under the pointer, at once with the keyboard. Its code is fetched with the first one. */
export function Tip({ label, side = "bottom", narrowOnly = false, children }: TipProps) {
  const anchor = useRef<HTMLAnchorElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [isShown, setShown] = useState(false);
  const hide = () => {
    clearTimeout(timer.current);
    setShown(false);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  const control = cloneElement(children, {
    ref: anchor,
    onPointerEnter: ({ pointerType }: PointerEvent) => {
      if (pointerType === "mouse") timer.current = setTimeout(() => setShown(true), DELAY_MS);
    },
    onPointerLeave: hide,
    onPointerDown: hide,
    onFocus: () => anchor.current?.matches(":focus-visible") && setShown(true),
    onBlur: hide,
  });
  return (
    <>
      {control}
      {isShown ? (
        <Suspense fallback={null}>
          <TipBubble anchor={anchor} label={label} side={side} narrowOnly={narrowOnly} onClose={hide} />
        </Suspense>
      ) : null}
    </>
  );
}
