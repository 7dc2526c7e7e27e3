import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { STATE } from "../repository";
import {
  DEMO_FIRMS,
  DEMO_USERS,
  type DemoFirm,
  type FirmAccess,
  type Secrets,
  type UserAccess,
  writeSecretFile,
} from "./secrets";

/** `.arrestra/demo.json`: what a person or a program needs to use the running demonstration. */
export type DemoFacts = {
  baseUrl: string;
  /** The owner's address of the database. */
  databaseUrl: string;
  appDatabaseUrl: string;
  sandboxUrl: string;
  /** The pages with the sources and the firms of the platform, and what opens them. */
  operator: { url: string; token: string; totpSecret: string };
  firms: Record<DemoFirm, FirmAccess & { url: string }>;
};

/** Which counties of the sandbox each firm takes: no county twice, so that each sees people the other does not; cleanslate stays empty. */
const COUNTIES: { firm: DemoFirm; counties: string[] }[] = [
  { firm: "smithlaw", counties: ["Travis", "Hays"] },
  { firm: "riverbend", counties: ["Williamson"] },
];

/** The facts of the demonstration of this clone, as its last start wrote them. */
export function demoFacts(): DemoFacts | undefined {
  const file = path.join(STATE, "demo.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as DemoFacts) : undefined;
}

/** The sandbox's port at the start before: the leads' links to its court pages still hold if it can have it again. */
export function lastSandboxPort(): number | undefined {
  const facts = demoFacts();
  return facts && Number(new URL(facts.sandboxUrl).port);
}

/** The address of a firm: its slug before the apex host. */
export function firmUrl(baseUrl: string, slug: string): string {
  const url = new URL(baseUrl);
  return `${url.protocol}//${slug}.${url.host}`;
}

/** Writes demo.json and the scrapers' list of firms; gives the facts and the path of that list. */
export function writeDemoFacts(
  facts: Omit<DemoFacts, "firms" | "operator">,
  secrets: Secrets,
): { facts: DemoFacts; firmsFile: string } {
  const firms = Object.fromEntries(
    DEMO_FIRMS.map((slug) => [slug, { url: firmUrl(facts.baseUrl, slug), ...secrets.firms[slug] }]),
  ) as DemoFacts["firms"];
  const { operatorToken: token, operatorTotpSecret: totpSecret } = secrets;
  const operator = { url: `${facts.baseUrl}/operator`, token, totpSecret };
  const all: DemoFacts = { ...facts, operator, firms };
  writeSecretFile("demo.json", all);
  const firmsFile = writeSecretFile(
    "scraper-firms.json",
    COUNTIES.map(({ firm, counties }) => ({ firm, apiKey: secrets.firms[firm].apiKey, counties })),
  );
  return { facts: all, firmsFile };
}

const signIn = ({ email, password, totpSecret }: UserAccess, role: string): string[] => [
  `    sign in  ${email}  ${password}  (${role})`,
  `             authenticator key ${totpSecret}`,
];

/** The facts as a person reads them. An authenticator app takes the key typed in; it then shows the codes. */
export function describe(facts: DemoFacts): string {
  const lines = DEMO_FIRMS.flatMap((slug) => {
    const { url, apiKey, users, ...owner } = facts.firms[slug];
    const further = DEMO_USERS.flatMap((role) => (users ? signIn(users[role], role) : []));
    return [`  ${url}`, ...signIn(owner, "owner"), ...further, `    API key  ${apiKey}`, ""];
  });
  return [
    ...lines,
    `  Apex      ${facts.baseUrl}`,
    `  Operator  ${facts.operator.url}   token ${facts.operator.token}`,
    `            authenticator key ${facts.operator.totpSecret}`,
    `  Sandbox   ${facts.sandboxUrl}   (the court site and the vendors, all invented)`,
    "  The same facts are in .arrestra/demo.json.",
  ].join("\n");
}
