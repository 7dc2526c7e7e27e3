// The rules of hadolint that apply to this Dockerfile, read with the same eyes (a parser, no build). hadolint itself and a real build run in the workflow.
import { readFileSync } from "node:fs";
import path from "node:path";
import { DockerfileParser, type Instruction } from "dockerfile-ast";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/repository";
import { contextOf } from "./container-context";

const TEXT = readFileSync(path.join(ROOT, "Dockerfile"), "utf8");

type Stage = { name: string; base: string; instructions: Instruction[] };

/** What a Dockerfile does wrong, one line per finding. */
function findings(text: string): string[] {
  const file = DockerfileParser.parse(text);
  const args = new Map(
    file.getInitialARGs().map((arg) => [arg.getProperty()?.getName(), arg.getProperty()?.getValue()]),
  );
  const found: string[] = [];
  const say = (rule: string, at: Instruction) => found.push(`${rule}: ${at.toString().split("\n")[0]}`);
  const stages: Stage[] = [];

  for (const each of file.getInstructions()) {
    const keyword = each.getKeyword();
    const words = each.getArguments().map((argument) => argument.getValue());
    const content = argumentsOf(each);
    if (keyword === "FROM") {
      const [image = "", , name = ""] = words;
      const known = stages.find((stage) => stage.name === image);
      const real = image.replace(/\$\{(\w+)\}/, (_, arg: string) => args.get(arg) ?? "");
      const tag = /(?::([\w.-]+)|@sha256:\w{64})$/.exec(real);
      if (!known && !tag) say("DL3006 no tag", each);
      if (tag?.[1] === "latest") say("DL3007 latest", each);
      if (/--platform/.test(content)) say("DL3029 a platform", each);
      if (stages.some((stage) => stage.name === name)) say("DL3024 a name twice", each);
      stages.push({ name, base: image, instructions: [...(known?.instructions ?? [])] });
    }
    const stage = stages.at(-1);
    if (!stage) continue;
    const last = stage.instructions.at(-1)?.getKeyword();
    if (keyword === "WORKDIR" && !/^["']?(\/|\$)/.test(content)) say("DL3000 a relative folder", each);
    if (keyword === "ADD" && !/^(--\S+ )*https?:/.test(content)) say("DL3020 ADD of what lies here", each);
    if (keyword === "MAINTAINER") say("DL4000 deprecated", each);
    if (["CMD", "ENTRYPOINT"].includes(keyword) && !content.startsWith("[")) say("DL3025 no JSON", each);
    if (["CMD", "ENTRYPOINT", "HEALTHCHECK"].includes(keyword)) {
      if (stage.instructions.some((other) => other.getKeyword() === keyword)) say("DL3012/DL4003/DL4004 twice", each);
    }
    if (keyword === "HEALTHCHECK" && !/CMD \[/.test(content)) say("a check by a shell", each);
    if (keyword === "COPY") {
      const from = /--from=(\S+)/.exec(content)?.[1];
      if (from && !stages.slice(0, -1).some((other) => other.name === from)) say("DL3022 no such stage", each);
      const sources = words.filter((word) => !word.startsWith("--"));
      if (sources.length > 2 && !sources.at(-1)?.endsWith("/")) say("DL3021 no folder for many", each);
    }
    if (keyword === "RUN") {
      if (last === "RUN") say("DL3059 one RUN after another", each);
      if (/\bsudo\b/.test(content)) say("DL3004 sudo", each);
      if (/\bcd\s/.test(content)) say("DL3003 cd", each);
      if (/[^|]\|[^|]/.test(content) && !shellHasPipefail(stage)) say("DL4006 a pipe without pipefail", each);
      if (/\bapt-get install\b/.test(content)) {
        if (!/--no-install-recommends/.test(content)) say("DL3015 recommended packages", each);
        if (!/rm -rf \/var\/lib\/apt\/lists/.test(content)) say("DL3009 the lists stay", each);
        const packages = /apt-get install([^&;]*)/
          .exec(content)?.[1]
          ?.split(/[\s\\]+/)
          .filter((word) => /^\w/.test(word));
        if (packages?.some((name) => !name.includes("="))) say("DL3008 no version", each);
      }
      if (/\bapt (install|update)\b/.test(content)) say("DL3027 apt", each);
      if (/\bnpm (install|i)\b/.test(content)) say("DL3016 not from the lockfile", each);
      if (/\bnpm ci\b/.test(content) && !/--ignore-scripts/.test(content)) say("packages may run programs", each);
      if (/\bnpm ci\b/.test(content) && !/npm cache clean/.test(content)) say("DL3060 the cache stays", each);
    }
    stage.instructions.push(each);
  }
  for (const { name, instructions } of stages.filter((each) => !stages.some((other) => other.base === each.name))) {
    const isShipped = !stages.some(({ instructions: all }) =>
      all.some((each) => each.toString().includes(`--from=${name} `)),
    );
    if (!isShipped) continue;
    const user = instructions.findLast((each) => each.getKeyword() === "USER")?.getRawArgumentsContent() ?? "";
    if (!/^[1-9]\d*:[1-9]\d*$/.test(user)) found.push(`DL3002 ${name} runs as ${user || "root"}`);
    if (!instructions.some((each) => each.toString().includes("org.opencontainers.image.revision")))
      found.push(`${name} does not say what it was made of`);
  }
  const variables = file.getInstructions().filter((each) => ["ARG", "ENV"].includes(each.getKeyword()));
  for (const each of variables)
    if (/(SECRET|PASSWORD|TOKEN|_KEY|DATABASE_URL)/.test(each.toString())) say("a secret in a layer", each);
  return found;
}

/** All behind the keyword, flags too. */
const argumentsOf = (each: Instruction): string => each.toString().slice(each.getKeyword().length).trim();

const shellHasPipefail = ({ instructions }: Stage): boolean =>
  instructions.some((each) => each.getKeyword() === "SHELL" && each.toString().includes("pipefail"));

describe("the Dockerfile", () => {
  it("keeps the rules", () => {
    expect(findings(TEXT)).toEqual([]);
  });

  it("makes the two images, each from what the build packed and from nothing else", () => {
    const file = DockerfileParser.parse(TEXT);
    const names = file.getFROMs().map((from) => from.getBuildStage());
    expect(names).toEqual(["source", "build", "build-scraper", "scraper", "app"]);
    const copies = file.getCOPYs().map(argumentsOf);
    const shipped = copies.filter((copy) => copy.startsWith("--from="));
    for (const copy of shipped) expect(copy).toMatch(/^--from=\S+ \/(src\/\.arrestra\/container|rds)/);
    expect(shipped).toHaveLength(5);
  });

  // Seen red without: ARRESTRA_RELEASE before the packing.
  it("names the build of the web server after the revision it is given", () => {
    const stage = /^FROM source AS build\n([\s\S]*?)^FROM /m.exec(TEXT)?.[1] ?? "";
    expect(stage).toMatch(
      /^ARG REVISION=""\n(?:[^R].*\n)*RUN ARRESTRA_RELEASE="\$\{REVISION\}" npm run pack:container /m,
    );
  });

  it("starts the entry with no shell in between, which would keep SIGTERM for itself", () => {
    const file = DockerfileParser.parse(TEXT);
    const last = (keyword: string) =>
      file
        .getInstructions()
        .findLast((each) => each.getKeyword() === keyword)
        ?.getRawArgumentsContent();
    expect(last("ENTRYPOINT")).toBe('["node", "/app/entry.mjs"]');
    expect(last("CMD")).toBe('["web"]');
    expect(last("HEALTHCHECK")).toContain('CMD ["node", "/app/entry.mjs", "health"]');
    expect(last("STOPSIGNAL")).toBe("SIGTERM");
    expect(last("VOLUME")).toBe('["/tmp"]');
  });

  // Each change to the real file is one that the rules exist for.
  it.each([
    ["DL3000", "WORKDIR /src", "WORKDIR src"],
    ["DL3002", "USER 10001:10001\n# Stays", "# Stays"],
    ["DL3002", "USER 10001:10001\n# Stays", "USER 0:0\n# Stays"],
    ["DL3006", "node:22.23.3-bookworm-slim", "node"],
    ["DL3007", "node:22.23.3-bookworm-slim", "node:latest"],
    ["DL3008", "RUN npm ci", "RUN apt-get install -y curl && npm ci"],
    ["DL3009", "RUN npm ci", "RUN apt-get install -y curl && npm ci"],
    ["DL3015", "RUN npm ci", "RUN apt-get install -y curl && npm ci"],
    ["DL3016", "npm ci ", "npm install "],
    ["DL3020", "COPY vendor", "ADD vendor"],
    ["DL3022", "--from=build /rds", "--from=bulid /rds"],
    ["DL3025", '["web"]', "web"],
    ["DL3029", "FROM source AS build\n", "FROM --platform=linux/amd64 source AS build\n"],
    ["DL3059", "COPY . .", "RUN true"],
    ["DL3060", " && npm cache clean --force", ""],
    ["DL3012", "EXPOSE 3000", 'HEALTHCHECK CMD ["true"]'],
    ["DL4006", "npm run pack:container &&", "npm run pack:container | tail -1 &&"],
    ["packages may run programs", " --ignore-scripts", ""],
    ["a secret in a layer", "ARG REVISION=unknown", "ARG NPM_TOKEN"],
  ])("would say %s of %s", (rule, from, to) => {
    const text = TEXT.replace(from, () => to);
    expect(text).not.toBe(TEXT);
    expect(findings(text).join("\n")).toContain(rule);
  });
});

describe("what a build is given", () => {
  const context = contextOf(ROOT);

  it("holds every source of the images", () => {
    for (const file of ["package-lock.json", ".npmrc", "vendor/request/index.cjs", "app/api/health/route.ts"])
      expect(context.isIn(file), file).toBe(true);
    for (const file of ["scripts/container/entry.ts", "workers/lambda.ts", "prisma/bootstrap.sql", "database-ca.pem"])
      expect(context.isIn(file), file).toBe(true);
  });

  it("holds no secret, no history and nothing that was made on this machine", () => {
    const strangers = [".env", ".env.production", "app/.env.local", ".git/config", ".arrestra/secrets.json", "key.pem"];
    const made = [
      "node_modules/next/package.json",
      ".next/BUILD_ID",
      "lib/platform/generated/prisma/client.ts",
      "cdk.out/x",
    ];
    const ours = [
      "tests/setup/firms.ts",
      "infra/app.ts",
      "docs/deploy.md",
      "scripts/container/.env",
      "vendor/x/node_modules/y",
    ];
    // Seen red without: the star of the first line; the rule for .env files.
    for (const file of [...strangers, ...made, ...ours]) expect(context.isIn(file), file).toBe(false);
  });

  it("holds nothing that git is told to leave alone", () => {
    expect(context.unknownToGit()).toEqual([]);
  });
});
