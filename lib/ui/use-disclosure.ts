"use client";
import { type RefObject, useEffect, useRef, useState } from "react";

type Disclosure = {
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
  /** Goes on the button that opens: it has the focus again when what it opened is gone. */
  opener: RefObject<HTMLButtonElement | null>;
};

/** Something that opens in the place of its button and closes again, without losing who comes by keyboard. */
export function useDisclosure(): Disclosure {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !isOpen) opener.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  return { isOpen, setOpen, opener };
}

/** As the `ref` of what has opened: its first field, or else itself, gets the focus. One function for good, so it runs once and not with every keystroke. */
export const takeFocus = (element: HTMLElement | null): void => {
  const field = element?.querySelector<HTMLElement>("input:not([hidden])");
  (field ?? element)?.focus();
};
