/** One line per step with the time it took; on a terminal the running step counts its seconds. */
export async function step<T>(title: string, work: (note: (detail: string) => void) => Promise<T>): Promise<T> {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  const isTerminal = process.stdout.isTTY;
  let detail = "";
  const draw = (mark: string, end: string) => {
    const text = `  ${mark} ${[title, detail].filter(Boolean).join(": ")}`;
    process.stdout.write(`${isTerminal ? "\r\x1b[K" : ""}${text.padEnd(60)} ${seconds().padStart(8)}${end}`);
  };
  const clock = isTerminal ? setInterval(() => draw("…", ""), 200) : undefined;
  try {
    const result = await work((text) => {
      detail = text;
    });
    clearInterval(clock);
    draw("✓", "\n");
    return result;
  } catch (error) {
    clearInterval(clock);
    draw("✗", "\n");
    throw error;
  }
}
