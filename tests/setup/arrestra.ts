import { runArrestra } from "../../scripts/arrestra/run-command";

/** Types a command of `npm run arrestra` in this process: its code, what it said and what it complained of. */
export async function type(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const said: string[] = [];
  const complained: string[] = [];
  const code = await runArrestra(
    args,
    (line) => said.push(line),
    (line) => complained.push(line),
  );
  return { code, out: said.join("\n"), error: complained.join("\n") };
}
