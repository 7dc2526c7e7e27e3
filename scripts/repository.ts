import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** Where everything of this clone lives that git does not know: secrets, the demo's database, builds. */
export const STATE = path.join(ROOT, ".arrestra");

/** Where the signed heads of the audit chains are kept, unless AUDIT_HEADS_DIR says otherwise. */
export const AUDIT_HEADS = path.join(STATE, "audit-heads");

/** Where sealed events are written once more, unless AUDIT_STREAM_DIR or AUDIT_LOG_GROUP says otherwise. */
export const AUDIT_STREAM = path.join(STATE, "audit-stream");

/** Where exports wait to be fetched and imports to be read, unless FILES_DIR or FILES_BUCKET says otherwise. */
export const FILES = path.join(STATE, "files");
/** Where files lie that firms keep with a lead, unless EVIDENCE_DIR or EVIDENCE_BUCKET says otherwise. */
export const EVIDENCE = path.join(STATE, "evidence");

/** A program of node_modules, to be run with `process.execPath`. */
export const TSX = path.join(ROOT, "node_modules", "tsx", "dist", "cli.mjs");
export const NEXT = path.join(ROOT, "node_modules", "next", "dist", "bin", "next");
export const PRISMA = path.join(ROOT, "node_modules", "prisma", "build", "index.js");
