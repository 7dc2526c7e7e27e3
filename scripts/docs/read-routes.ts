import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { KEY_SCOPES } from "@/lib/core/key-scope";
import { ROOT } from "../repository";
import { WORDS } from "./route-words";

/** One operation of the API, as its route file says it. Schemas by the names they have in lib/contracts. */
export type Operation = {
  method: string;
  path: string;
  file: string;
  summary: string;
  description: string;
  /** Who may: a key with a scope, or a key or session with a permission; null for routes that ask for neither. */
  permission: string | null;
  session: boolean;
  /** Whether a key can have the scope: some things are for people alone. */
  key: boolean;
  /** For who holds a one-time link; nobody is signed in. */
  link: boolean;
  body: string | null;
  query: string | null;
  status: number;
  reply: string | null;
  replyType: "json" | "csv" | "calendar" | "none";
};

const API = path.join("app", "api");
const HANDLER = /export const (GET|POST|PUT|PATCH|DELETE) = (?!withLanding\b)(\w+)/g;

/** Every operation of app/api but the sign-in library's own, the catch-all and what a browser is sent to as a page, in the order of WORDS. */
export function readOperations(): Operation[] {
  const found = routeFiles(path.join(ROOT, API)).flatMap(readRoute);
  const names = found.map(nameOf);
  const undescribed = names.filter((name) => !WORDS[name]);
  if (undescribed.length > 0)
    throw new Error(`Describe these routes in scripts/docs/route-words.ts: ${undescribed.join(", ")}`);
  const gone = Object.keys(WORDS).filter((name) => !names.includes(name));
  if (gone.length > 0) throw new Error(`These routes of scripts/docs/route-words.ts are gone: ${gone.join(", ")}`);
  return Object.keys(WORDS).map((name) => found[names.indexOf(name)] as Operation);
}

const nameOf = ({ method, path: at }: Pick<Operation, "method" | "path">): string => `${method} ${at}`;

function routeFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    // What our own processes ask of each other, and what connected services send in a form of their own, is nobody else's API.
    if (/^\[+\.\.\./.test(entry.name) || ["internal", "webhooks"].includes(entry.name)) return [];
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) return routeFiles(at);
    return entry.name === "route.ts" ? [at] : [];
  });
}

function readRoute(file: string): Operation[] {
  const text = readFileSync(file, "utf8");
  const at = path.relative(ROOT, file).split(path.sep).join("/");
  const route = `/${at
    .replace(/^app\//, "")
    .replace(/\/route\.ts$/, "")
    .replaceAll("[", "{")
    .replaceAll("]", "}")}`;
  const starts = [...text.matchAll(HANDLER)];
  return starts.map((match, index): Operation => {
    const part = text.slice(match.index, starts[index + 1]?.index);
    const find = (pattern: RegExp) => pattern.exec(part)?.[1] ?? null;
    const [, method = "", gate = ""] = match;
    const [summary, description] = WORDS[nameOf({ method, path: route })] ?? ["", ""];
    const isCsv = part.includes("respondFile(");
    const isEmpty = part.includes("respondEmpty(");
    const permission = find(/(?:scope|permission): "([^"]+)"/);
    return {
      method,
      path: route,
      file: at,
      summary,
      description,
      permission,
      session: gate === "withCaller",
      key: (KEY_SCOPES as readonly string[]).includes(permission ?? ""),
      link: gate === "withLink",
      body: find(/\bbody: (\w+)/),
      query: find(/\bschema: (\w+)/),
      status: isEmpty ? 204 : Number(find(/\brespond\((\d{3})/) ?? 200),
      reply: find(/\brespond\(\d{3}, (\w+)/) ?? HEALTH[route] ?? null,
      replyType: isCsv ? "csv" : isEmpty ? "none" : gate === "withFeed" ? "calendar" : "json",
    };
  });
}

/** Their handlers are in lib/http/health.ts, before any gate. */
const HEALTH: Record<string, string> = { "/api/health": "HealthDto", "/api/health/details": "HealthDetails" };
