import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { generateSecret } from "otplib";
import { mintApiKey } from "@/lib/core/secret";
import type { RolePasswords } from "../bootstrap-database";
import { STATE } from "../repository";

export const DEMO_FIRMS = ["smithlaw", "riverbend", "cleanslate"] as const;
export type DemoFirm = (typeof DEMO_FIRMS)[number];

/** How one signs in: the password, and the secret (base32) of the authenticator that makes the codes. */
export type UserAccess = { email: string; password: string; totpSecret: string };

/** How the owner of a demo firm signs in, the key its scraper posts with, and how its further users sign in. */
export type FirmAccess = UserAccess & { apiKey: string; users?: Record<DemoUser, UserAccess> };

/** The further users of smithlaw, by their role. */
export const DEMO_USERS = ["admin", "attorney", "viewer"] as const;
export type DemoUser = (typeof DEMO_USERS)[number];

export type Secrets = {
  databasePasswords: RolePasswords;
  nextauthSecret: string;
  fieldKeys: string;
  blindIndexKey: string;
  auditSigningKeys: string;
  operatorToken: string;
  operatorTotpSecret: string;
  /** Ed25519 seeds of the scheduler; the web server is told their public halves alone. */
  serviceSigningKeys: string;
  firms: Record<DemoFirm, FirmAccess>;
};

const FILE = path.join(STATE, "secrets.json");

/** The secrets of this clone: made at the first start, then always the same, so that what they encrypted stays readable. */
export function readOrMakeSecrets(): Secrets {
  openStateFolder();
  const kept: Partial<Secrets> = existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : {};
  const secrets = completed(makeSecrets(), kept) as Secrets;
  if (JSON.stringify(secrets) !== JSON.stringify(kept)) writeSecretFile("secrets.json", secrets);
  return secrets;
}

/** What was kept, and of what was made only what was not there yet, at every depth: an older clone lacks what came later. */
function completed(made: unknown, kept: unknown): unknown {
  if (!isRecord(made) || !isRecord(kept)) return kept ?? made;
  const names = new Set([...Object.keys(made), ...Object.keys(kept)]);
  return Object.fromEntries([...names].map((name) => [name, completed(made[name], kept[name])]));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Writes a file of .arrestra that only its owner may read: whole, or not at all. */
export function writeSecretFile(name: string, content: unknown): string {
  openStateFolder();
  const file = path.join(STATE, name);
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return file;
}

/** Closed to everybody else; root's lets the database's user pass through (not look around), since PostgreSQL does not run as root. */
export function openStateFolder(): void {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  mkdirSync(STATE, { recursive: true, mode });
  chmodSync(STATE, mode);
}

function makeSecrets(): Secrets {
  const key = () => randomBytes(32).toString("base64");
  const word = (bytes: number) => randomBytes(bytes).toString("base64url");
  const user = (email: string): UserAccess => ({
    email,
    password: word(15),
    totpSecret: generateSecret({ length: 20 }),
  });
  const firm = (slug: DemoFirm): FirmAccess => ({ ...user(`demo@${slug}.example`), apiKey: mintApiKey().text });
  const users = Object.fromEntries(DEMO_USERS.map((role) => [role, user(`${role}@smithlaw.example`)])) as Record<
    DemoUser,
    UserAccess
  >;
  return {
    databasePasswords: { owner: word(18), app: word(18), platform: word(18) },
    nextauthSecret: key(),
    fieldKeys: `k1:${key()}`,
    blindIndexKey: key(),
    auditSigningKeys: `a1:${key()}`,
    operatorToken: word(24),
    operatorTotpSecret: generateSecret({ length: 20 }),
    serviceSigningKeys: `s1:${key()}`,
    firms: { smithlaw: { ...firm("smithlaw"), users }, riverbend: firm("riverbend"), cleanslate: firm("cleanslate") },
  };
}
