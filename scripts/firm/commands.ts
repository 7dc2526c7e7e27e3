import { hostname, userInfo } from "node:os";
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { z } from "zod";
import { CreateFirm, FirmOwner } from "@/lib/contracts/firms";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { createFirm, inviteOwner } from "@/lib/domain/auth/create-firm";
import { closeFirm, reactivateFirm, suspendFirm } from "@/lib/domain/tenants/change-firm-state";
import { getFirmInAnyState } from "@/lib/domain/tenants/list-firms";
import { type Operator, provenOperator } from "@/lib/domain/tenants/operator-ctx";
import { firmExportsOf } from "@/lib/platform/firm-exports-store";
import { allFirms } from "./all-firms";
import { mayUseOwnFolders } from "./environment";
import { eraseFirm } from "./erase-firm";
import { exportFirm, type Manifest } from "./export-firm";
import { exportFirmToBucket } from "./export-to-bucket";
import { BadCommand, FIRM_USAGE, type FirmCommand, firmCommandOf } from "./usage";

const OURS = "npm run firm --";

type Values = Record<string, string | boolean | undefined>;
/** `called`: how whoever typed it calls these commands. */
type Asked = { operator: Operator; slug: string; values: Values; called: string };
type Command = { takesSlug: boolean; options: ParseArgsOptionsConfig; run: (asked: Asked) => Promise<string> };

const text = { type: "string" } as const;
const owner = { "owner-email": text, "owner-name": text };

const COMMANDS: Record<FirmCommand, Command> = {
  create: {
    takesSlug: false,
    options: { slug: text, name: text, "time-zone": text, ...owner },
    run: async ({ operator, values }) => {
      const asked = {
        slug: need(values, "slug"),
        name: need(values, "name"),
        ...(values["time-zone"] ? { timeZone: values["time-zone"] } : {}),
        owner: ownerOf(values),
      };
      const { link, url, expiresAt, isNew } = await createFirm(operator, parsed(CreateFirm, asked));
      return [
        isNew
          ? `The firm is at ${url}`
          : `The firm at ${url} was there; its owner has a new link, the old one no longer works.`,
        `The owner's link, shown only now and good once until ${expiresAt}:`,
        link,
      ].join("\n");
    },
  },
  list: {
    takesSlug: false,
    options: {},
    run: async () => {
      const lines = (await allFirms()).map(({ slug, state, users, createdAt, name, eraseAfter }) =>
        [
          slug.padEnd(24),
          state.padEnd(10),
          String(users).padStart(5),
          createdAt.slice(0, 10),
          name,
          eraseAfter ? `(erase after ${eraseAfter.slice(0, 10)})` : "",
        ]
          .join("  ")
          .trimEnd(),
      );
      return lines.length > 0 ? lines.join("\n") : "There is no firm yet.";
    },
  },
  suspend: {
    takesSlug: true,
    options: { reason: text },
    run: async ({ operator, slug, values }) => {
      const reason = need(values, "reason").trim();
      const { id, name } = await getFirmInAnyState(operator, slug);
      await suspendFirm(operator, id, reason);
      return `${name} is suspended: within a second nobody and no key gets in.`;
    },
  },
  reactivate: {
    takesSlug: true,
    options: {},
    run: async ({ operator, slug }) => {
      const { id, name, url } = await getFirmInAnyState(operator, slug);
      await reactivateFirm(operator, id);
      return `${name} is open again at ${url}`;
    },
  },
  "invite-owner": {
    takesSlug: true,
    options: owner,
    run: async ({ operator, slug, values }) => {
      const { link, expiresAt } = await inviteOwner(operator, slug, parsed(FirmOwner, ownerOf(values)));
      return `The new owner's link, shown only now and good once until ${expiresAt}:\n${link}`;
    },
  },
  export: {
    takesSlug: true,
    options: { out: text },
    run: async ({ operator, slug, values }) => {
      const firm = await getFirmInAnyState(operator, slug);
      const appUrl = setting("APP_DATABASE_URL");
      const evidence = values.out === undefined ? firmExportsOf() : null;
      let out: string;
      let manifest: Manifest;
      if (evidence) {
        const put = await exportFirmToBucket(operator, firm, { appUrl, store: evidence.store });
        out = `s3://${evidence.bucket}/${put.prefix}/`;
        manifest = put.manifest;
      } else {
        out = need(values, "out");
        manifest = await exportFirm(operator, firm, { appUrl, out });
      }
      const rows = manifest.files.map(({ name, rows: count }) => `  ${name.padEnd(24)} ${String(count).padStart(9)}`);
      const { kept } = manifest;
      const files = kept.length > 0 ? [`  ${"files".padEnd(24)} ${String(kept.length).padStart(9)}`] : [];
      return [
        `${firm.name}, in ${out}:`,
        ...rows,
        ...files,
        evidence
          ? "Contacts and notes are in the clear. Fetch the files, hand them over encrypted, then delete them here and there."
          : "Contacts and notes are in the clear, and only you may read the files. Hand them over encrypted, then delete them.",
      ].join("\n");
    },
  },
  close: {
    takesSlug: true,
    options: {},
    run: async ({ operator, slug, called }) => {
      const { id, name } = await getFirmInAnyState(operator, slug);
      const until = await closeFirm(operator, id);
      return `${name} is closed. Its rows may be erased from ${until.toISOString()} on; until then: ${called} reactivate ${slug}`;
    },
  },
  erase: {
    takesSlug: true,
    options: { confirm: text, now: { type: "boolean" } },
    run: async ({ operator, slug, values }) => {
      if (values.confirm !== slug)
        throw new BadCommand(`Nothing was erased. To erase everything of ${slug}: --confirm ${slug}`);
      assertFilesAreTold();
      const { id } = await getFirmInAnyState(operator, slug);
      const certificate = await eraseFirm({
        ownerUrl: setting("DATABASE_URL"),
        firm: { id, slug },
        by: `${whoRuns()}@${hostname()}`,
        isEarly: values.now === true,
      });
      return `Everything of ${slug} is erased. Its certificate, kept in erasure_certificate:\n${JSON.stringify(certificate, null, 2)}`;
    },
  },
};

/** Does what was typed after `npm run firm --`; gives the words to print. @throws Error with a sentence for the person who typed it, and the list when it was no command. */
export async function runFirmCommand([name = "", ...args]: readonly string[]): Promise<string> {
  const lines = Object.entries(FIRM_USAGE).map(([each, { usage }]) => `  ${each} ${usage}`.trimEnd());
  const list = [`${OURS} <command>`, ...lines].join("\n");
  const command = firmCommandOf(name, list);
  try {
    return await runFirm(command, args, OURS);
  } catch (error) {
    throw error instanceof BadCommand ? new BadCommand(`${error.message}\n\n${list}`, { cause: error }) : error;
  }
}

/** Does one command. @throws BadCommand for what was typed wrongly, and any Error with a sentence for the person who typed it. */
export async function runFirm(name: FirmCommand, args: readonly string[], called: string): Promise<string> {
  const command = COMMANDS[name];
  const { values, positionals } = read(command, [...args]);
  const [slug = ""] = positionals;
  if (positionals.length !== (command.takesSlug ? 1 : 0))
    throw new BadCommand("A word is missing, or there is one too many.");
  return command.run({ operator: provenOperator(newId(), systemClock), slug, values, called });
}

function read(command: Command, args: string[]) {
  try {
    return parseArgs({ args, options: command.options, allowPositionals: true }) as {
      values: Values;
      positionals: string[];
    };
  } catch (error) {
    throw new BadCommand(error instanceof Error ? error.message : String(error));
  }
}

/** In an image a user has a number and no name, which Node takes for a fault. */
function whoRuns(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "operator");
  }
}

/** A folder that nobody named is empty in every task: a certificate would say that the firm's files are gone, and they would lie in the bucket. */
function assertFilesAreTold(): void {
  const { FILES_BUCKET, FILES_DIR, EVIDENCE_BUCKET, EVIDENCE_DIR } = process.env;
  if (mayUseOwnFolders(process.env)) return;
  if (!FILES_BUCKET && !FILES_DIR)
    throw new Error("Nothing was erased. Set FILES_BUCKET (or FILES_DIR), where the service keeps its files.");
  if (!EVIDENCE_BUCKET && !EVIDENCE_DIR)
    throw new Error("Nothing was erased. Set EVIDENCE_BUCKET (or EVIDENCE_DIR), where files of leads are kept.");
}

const wordsOf = ({ name, reason }: { name: string; reason: string }): string => `  ${name} ${reason}`;

const ownerOf = (values: Values) => ({ email: need(values, "owner-email"), name: need(values, "owner-name") });

function need(values: Values, name: string): string {
  const value = values[name];
  if (typeof value !== "string" || value.trim() === "") throw new BadCommand(`--${name} is missing.`);
  return value;
}

function setting(name: "APP_DATABASE_URL" | "DATABASE_URL"): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

function parsed<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) => wordsOf({ name: path.join("."), reason: message }));
  throw new BadCommand(["This cannot be taken:", ...lines].join("\n"));
}
