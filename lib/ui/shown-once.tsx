import { type ReactNode, useId } from "react";
import { CopyButton } from "./copy-button";

type ShownOnceProps = {
  /** What it is: `Key`, `Invitation link`. */
  label: string;
  value: string;
  /** What to do with it, and until when. */
  children: ReactNode;
};

/** A secret or a link that is shown this one time: whole, selectable, with a button that copies it. */
export function ShownOnce({ label, value, children }: ShownOnceProps) {
  const id = useId();
  return (
    <div className="mt-4 max-w-[560px]">
      <p id={id} className="mb-1.5 font-emph">
        {label}
      </p>
      <output
        aria-labelledby={id}
        className="block rounded-ctl border border-edge bg-sunken px-3 py-2.5 font-mono text-14 [overflow-wrap:anywhere] text-ink select-all"
      >
        {value}
      </output>
      <div className="mt-2.5">
        <CopyButton text={value} what={label.toLowerCase()} />
      </div>
      <div className="mt-3 text-ink-2">{children}</div>
      <p className="mt-2 text-ink-2">
        <b className="font-strong text-ink">Shown this one time.</b> Nobody can read it again later, not even we.
      </p>
    </div>
  );
}
