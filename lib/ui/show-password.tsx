"use client";

type ShowPasswordProps = { isShown: boolean; onToggle: () => void };

/** Shows what was typed, for who would rather see it. Needs a script, so without one it is not there. */
export function ShowPassword({ isShown, onToggle }: ShowPasswordProps) {
  return (
    <button
      type="button"
      aria-pressed={isShown}
      aria-label="Show password"
      onClick={onToggle}
      className="min-h-6 text-13 text-ink-2 hover:text-ink phone:min-h-11 noscript:hidden"
    >
      {isShown ? "Hide" : "Show"}
    </button>
  );
}
