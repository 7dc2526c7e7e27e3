import type { ComponentProps } from "react";

export type ButtonKind = "plain" | "primary" | "quiet";

const BASE =
  "inline-flex h-ctl items-center justify-center gap-1.5 rounded-ctl border px-2.5 font-emph whitespace-nowrap motion-safe:transition-colors motion-safe:duration-90 no-underline focus-visible:rounded-ctl aria-disabled:cursor-not-allowed aria-disabled:border-dashed aria-disabled:bg-transparent aria-disabled:text-ink-3";
const KINDS: Record<ButtonKind, string> = {
  plain: "border-edge bg-canvas text-ink hover:bg-hover",
  primary:
    "border-accent bg-accent text-on-accent hover:bg-[color-mix(in_oklch,var(--accent)_88%,var(--ink))] [&_kbd]:border-[color-mix(in_oklch,var(--on-accent)_45%,transparent)] [&_kbd]:bg-transparent [&_kbd]:text-inherit",
  quiet: "border-transparent text-ink-2 hover:bg-hover hover:text-ink",
};

/** Classes of a control that looks like a button: also for links. One primary per view. */
export const buttonClass = (kind: ButtonKind = "plain", more = ""): string => `${BASE} ${KINDS[kind]} ${more}`;

/** A button; `type` is `button` unless said otherwise, so that it never sends a form by accident. */
export function Button({
  kind = "plain",
  className = "",
  type = "button",
  ...rest
}: ComponentProps<"button"> & { kind?: ButtonKind }) {
  return <button type={type} className={buttonClass(kind, className)} {...rest} />;
}
