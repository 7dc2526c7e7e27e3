/** How far something is; without `max` its end is not known. The words beside it say the same. */
export function ProgressBar({ label, value, max }: { label: string; value: number; max: number | null }) {
  return (
    <progress
      aria-label={label}
      {...(max ? { max, value: Math.min(value, max) } : {})}
      className="mt-1.5 block h-1.5 w-full max-w-[420px] appearance-none overflow-hidden rounded-tag border-0 bg-fill phone:max-w-none [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-fill [&::-webkit-progress-value]:bg-accent"
    />
  );
}
