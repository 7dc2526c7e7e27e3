"use client";
import { useEffect, useRef } from "react";

type KeyHandlers = Partial<Record<string, () => void>>;

/** The cookie that switches single keys off: `keys=off`. */
export const areKeysOff = (): boolean => /(?:^|;\s*)keys=off(?:;|$)/.test(document.cookie);

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio])"));

/**
 * Single keys for a page, by `KeyboardEvent.key` in lower case. Silent in fields, with a modifier, while a dialog or menu is open, and when the
 * reader switched them off. `Escape` is no single key: it works in any case outside dialogs.
 */
export function useKeys(handlers: KeyHandlers): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector("[role=dialog], [role=menu]")) return;
      const key = event.key.toLowerCase();
      const handler = latest.current[key];
      if (!handler || (key !== "escape" && (isTyping(event.target) || areKeysOff()))) return;
      // the key that opens a dialog must not also be typed into it
      if (event.key.length === 1) event.preventDefault();
      handler();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
