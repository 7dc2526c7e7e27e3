import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

type Rule = { matches: RegExp; lets: boolean };

/** What `.dockerignore` lets into a build: the last rule that matches a path or a folder above it decides. */
export function contextOf(root: string): { isIn: (file: string) => boolean; unknownToGit: () => string[] } {
  const rules = readFileSync(path.join(root, ".dockerignore"), "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"))
    .map((line): Rule => ({ matches: toPattern(line.replace(/^!/, "")), lets: line.startsWith("!") }));
  const isIn = (file: string): boolean => {
    const parts = file.split("/");
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    let isLet = true;
    for (const { matches, lets } of rules) if (paths.some((each) => matches.test(each))) isLet = lets;
    return isLet;
  };
  const unknownToGit = (): string[] => {
    const asked = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory"];
    return execFileSync("git", asked, { cwd: root, encoding: "utf8" })
      .split("\n")
      .filter((file) => file && isIn(file.replace(/\/$/, "")));
  };
  return { isIn, unknownToGit };
}

/** Go's filepath.Match, with `**` for any folders in between. */
function toPattern(rule: string): RegExp {
  const escaped = rule.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  const source = escaped
    .replace(/\*\*\//g, "\0")
    .replace(/\*/g, "[^/]*")
    .replace(/\?/g, "[^/]")
    .replaceAll("\0", "(?:.*/)?");
  return new RegExp(`^${source}$`);
}
