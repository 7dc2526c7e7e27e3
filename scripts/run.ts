import { spawn } from "node:child_process";
import { ROOT } from "./repository";

type RunOptions = { env?: NodeJS.ProcessEnv; cwd?: string; input?: string };

/** Runs a Node program of ours to its end, quietly. Throws with the last lines it wrote when it fails. */
export async function runNode(args: string[], options: RunOptions = {}): Promise<string> {
  return run(process.execPath, args, options);
}

/** Runs any program to its end, quietly. Throws with the last lines it wrote when it fails. */
export async function run(
  command: string,
  args: string[],
  { env = process.env, cwd = ROOT, input }: RunOptions = {},
): Promise<string> {
  const child = spawn(command, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => {}); // it may end without reading
  child.stdin.end(input);
  const endWithUs = () => child.kill();
  process.once("exit", endWithUs);
  let words = "";
  const hear = (chunk: Buffer) => {
    words += chunk.toString("utf8");
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve(status ?? signal ?? "?"));
  });
  process.removeListener("exit", endWithUs);
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} failed (${code}):\n${words.slice(-6_000)}`);
  return words;
}
