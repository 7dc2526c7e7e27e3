import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { mintApiKey } from "@/lib/core/secret";
import type { RolePasswords } from "../bootstrap-database";
import { STATE } from "../repository";

export const DEMO_FIRMS = ["smithlaw", "riverbend", "cleanslate"] as const;
export type DemoFirm = (typeof DEMO_FIRMS)[number];

/** How one signs in to a firm of the demo, and the key its scraper posts with. */
export type FirmAccess = { email: string; password: string; apiKey: string };

export type Secrets = {
  databasePasswords: RolePasswords;
  nextauthSecret: string;
  fieldKeys: string;
  blindIndexKey: string;
  operatorToken: string;
  /** Ed25519 seeds of the scheduler; the web server is told their public halves alone. */
  serviceSigningKeys: string;
  firms: Record<DemoFirm, FirmAccess>;
};

const FILE = path.join(STATE, "secrets.json");

/** The secrets of this clone: made at the first start, then always the same, so that what they encrypted stays readable. */
export function readOrMakeSecrets(): Secrets {
  openStateFolder();
  const kept: Partial<Secrets> = existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : {};
  const secrets = { ...makeSecrets(), ...kept };
  if (JSON.stringify(secrets) !== JSON.stringify(kept)) writeSecretFile("secrets.json", secrets);
  return secrets;
}

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
  const firm = (slug: DemoFirm): FirmAccess => ({
    email: `demo@${slug}.example`,
    password: word(15),
    apiKey: mintApiKey().text,
  });
  return {
    databasePasswords: { owner: word(18), app: word(18), platform: word(18) },
    nextauthSecret: key(),
    fieldKeys: `k1:${key()}`,
    blindIndexKey: key(),
    operatorToken: word(24),
    serviceSigningKeys: `s1:${key()}`,
    firms: { smithlaw: firm("smithlaw"), riverbend: firm("riverbend"), cleanslate: firm("cleanslate") },
  };
}
