/** A key as it is printed on a keyboard: a hint for the eye, away on phones. The words for screen readers are in the `?` dialog. */
export function KeyCap({ of: key, className = "" }: { of: string; className?: string }) {
  return (
    <span aria-hidden="true" className={`phone:hidden ${className}`}>
      <kbd>{key}</kbd>
    </span>
  );
}
