import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { ENV_NAMES } from "@/lib/platform/env";
import { ALLOWED_SETTINGS } from "../../scripts/pack-amplify";
import { amplifyFile, writeSettings } from "./amplify-line";

const folder = mkdtempSync(path.join(tmpdir(), "arrestra-amplify-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = async (env: Record<string, string>) =>
  readFileSync(await writeSettings(folder, env), "utf8")
    .split("\n")
    .filter(Boolean);

it("takes into a build the settings that may be read by anybody, whole, and nothing that only looks like them", async () => {
  const secret = "never-in-a-build";
  const allowed = Object.fromEntries(ALLOWED_SETTINGS.map((name) => [name, `of ${name}`]));
  const others = [...ENV_NAMES, "DATABASE_URL", "AWS_SECRET_ACCESS_KEY"].filter(
    (name) => !ALLOWED_SETTINGS.includes(name),
  );
  const alike = ALLOWED_SETTINGS.flatMap((name) => [`X_${name}`, `${name}_KEY`, `${name}S`, name.toLowerCase()]);
  const env = {
    ...Object.fromEntries([...others, ...alike].map((name) => [name, secret])),
    PASSED_ON: `SECRETS_ARN=${secret}`,
    // Seen red with: `env` alone, whose second line then begins like a setting.
    OF_TWO_LINES: `begins\nLOG_LEVEL=${secret}`,
    ...allowed,
  };
  // Seen red without: the ^ before the names; the = after them.
  expect((await write(env)).sort()).toEqual(
    Object.entries(allowed)
      .map((pair) => pair.join("="))
      .sort(),
  );
});

it("writes an empty file for a build that is told nothing", async () => {
  expect(await write({})).toEqual([]);
});

it("allows no setting that holds a secret, and each is one that the product reads", () => {
  expect(ALLOWED_SETTINGS.filter((name) => !ENV_NAMES.includes(name))).toEqual([]);
  expect(ALLOWED_SETTINGS.filter((name) => /KEY|TOKEN|PASSWORD|DATABASE(?!_POOL$)|SECRET(?!S_ARN)/.test(name))).toEqual(
    [],
  );
});

it("builds, packs and gives Amplify the folder that was packed", () => {
  const { phases, artifacts } = amplifyFile().frontend;
  expect(phases.build.commands.slice(1)).toEqual([
    "ARRESTRA_RELEASE=$(git rev-parse HEAD) npm run build",
    "ARRESTRA_RELEASE=$(git rev-parse HEAD) npm run pack:amplify",
  ]);
  expect(artifacts.baseDirectory).toBe(".amplify-hosting");
});
