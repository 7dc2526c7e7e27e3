/** One measured figure beside its limit; without a limit it explains another one. */
export type Figure = {
  goal: number;
  what: string;
  value: number;
  unit: "x" | "ms" | "MB" | "rows/s" | "events" | "buffers" | "rows";
  limit?: { atLeast: number } | { atMost: number };
  /** Where the value comes from: medians of both sides, spread of the turns. */
  from?: string;
};

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The value that this share of the others does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The median of the turns' own ratios, with their spread: two sides of one turn had the same neighbours. */
export function ratio(tops: readonly number[], bottoms: readonly number[]): { value: number; spread: string } {
  const ratios = tops.map((top, turn) => top / (bottoms[turn] ?? Number.NaN));
  return { value: median(ratios), spread: `turns ${two(Math.min(...ratios))}-${two(Math.max(...ratios))}` };
}

const two = (value: number) => value.toFixed(2);
const DIGITS: Record<Figure["unit"], number> = { x: 2, ms: 3, MB: 1, "rows/s": 0, events: 0, buffers: 0, rows: 0 };

/** A number with its unit, as tables show it. */
export function show(value: number, unit: Figure["unit"]): string {
  const text = value.toLocaleString("en-US", {
    minimumFractionDigits: DIGITS[unit],
    maximumFractionDigits: DIGITS[unit],
  });
  return unit === "x" ? `${text}x` : `${text} ${unit}`;
}

/** The limit in words. */
export function showLimit({ limit, unit }: Figure): string {
  if (!limit) return "";
  return "atLeast" in limit ? `>= ${show(limit.atLeast, unit)}` : `<= ${show(limit.atMost, unit)}`;
}

/** True or false against the limit, null without one. */
export function isReached({ limit, value }: Figure): boolean | null {
  if (!limit) return null;
  return "atLeast" in limit ? value >= limit.atLeast : value <= limit.atMost;
}
