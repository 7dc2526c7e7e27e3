"use client";
import { useEffect, useRef, useState } from "react";
import { Button } from "./button";
import { Icon } from "./icons";

type CopyButtonProps = {
  text: string;
  /** What is copied, for who cannot see it: `the key`. */
  what: string;
};

const SHOWN_MS = 4000;

/** Copies a text and says aloud whether that worked. */
export function CopyButton({ text, what }: CopyButtonProps) {
  const [said, setSaid] = useState<"" | "Copied" | "Not copied: select it and copy by hand">("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    clearTimeout(timer.current);
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("Not copied: select it and copy by hand");
    }
    timer.current = setTimeout(() => setSaid(""), SHOWN_MS);
  };
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <Button onClick={() => void copy()}>
        <Icon name="copy" />
        Copy<span className="sr-only"> {what}</span>
      </Button>
      <span role="status" className={said === "Copied" || said === "" ? "text-good" : "text-danger"}>
        {said}
      </span>
    </span>
  );
}
