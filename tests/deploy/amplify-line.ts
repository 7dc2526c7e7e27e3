import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { run } from "../../scripts/run";

type AmplifyFile = { frontend: { phases: { build: { commands: string[] } }; artifacts: { baseDirectory: string } } };

/** amplify.yml, as Amplify reads it. */
export const amplifyFile = (): AmplifyFile => parse(readFileSync("amplify.yml", "utf8")) as AmplifyFile;

/** Runs the line of amplify.yml that writes the settings, in a folder and with an environment of a build; gives the file that it wrote. */
export async function writeSettings(folder: string, env: Record<string, string>): Promise<string> {
  const lines = amplifyFile().frontend.phases.build.commands.filter((line) => line.includes(".env.production"));
  if (lines.length !== 1) throw new Error("amplify.yml writes .env.production in one line");
  await run("bash", ["-c", lines[0] ?? ""], { cwd: folder, env: { NODE_ENV: "test", PATH: process.env.PATH, ...env } });
  return path.join(folder, ".env.production");
}
