const HINTS: readonly (readonly [keys: string[], what: string])[] = [
  [["J", "K"], "move"],
  [["Enter"], "open"],
  [["X"], "select"],
  [["/"], "search"],
];

/** The keys of the list along its foot, and when the list was read. Hidden from screen readers, which have the `?` dialog. */
export function KeyHints({ readAt }: { readAt: string }) {
  return (
    <div
      aria-hidden="true"
      className="sticky bottom-0 mt-auto flex h-8 flex-none items-center gap-4 overflow-hidden border-t border-line bg-canvas px-gutter text-12 whitespace-nowrap text-ink-3 phone:hidden print:hidden"
    >
      {HINTS.map(([keys, what]) => (
        <span key={what} className="inline-flex items-center gap-1">
          {keys.map((key) => (
            <kbd key={key}>{key}</kbd>
          ))}{" "}
          {what}
        </span>
      ))}
      <span className="ml-auto">List read {readAt}</span>
      <span className="inline-flex items-center gap-1">
        <kbd>?</kbd> all keys
      </span>
    </div>
  );
}
