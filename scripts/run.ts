import { spawn } from "node:child_process";
import { ROOT } from "./repository";

/** Runs a Node program of ours to its end, quietly. Throws with the last lines it wrote when it fails. */
export async function runNode(
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<string> {
  return run(process.execPath, args, options);
}

/** Runs any program to its end, quietly. Throws with the last lines it wrote when it fails. */
export async function run(
  command: string,
  args: string[],
  { env = process.env, cwd = ROOT }: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<string> {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
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
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} failed (${code}):\n${words.slice(-6_000)}`);
  return words;
}
