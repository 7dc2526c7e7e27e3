/* Order counts: most browsers also name those that they descend from. */
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\b(OPR|Opera)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|CriOS|Chromium|HeadlessChrome)\//, "Chrome"],
  [/\bVersion\/[\d.]+ .*Safari\//, "Safari"],
];
const DEVICES: readonly [RegExp, string][] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "a Chromebook"],
  [/\bWindows\b/, "Windows"],
  [/\bMacintosh\b/, "a Mac"],
  [/\bLinux\b/, "Linux"],
];

const wordFor = (text: string, words: readonly [RegExp, string][]): string | undefined =>
  words.find(([pattern]) => pattern.test(text))?.[1];

/** A browser as people call it, from how it names itself: `Firefox on Windows`, `Chrome on Android`. What it is worth: a browser can claim anything. */
export function browserWords(userAgent: string | null): string {
  const text = userAgent ?? "";
  const browser = wordFor(text, BROWSERS);
  const device = wordFor(text, DEVICES);
  if (!browser) return device ? `A program on ${device}` : "An unknown program";
  return device ? `${browser} on ${device}` : browser;
}
