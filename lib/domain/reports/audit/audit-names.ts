import { isId } from "@/lib/core/ids";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import type { AuditRow } from "./audit-query";

/** Parts of the house that act for nobody in particular, as an auditor should read them. */
const SERVICES: Record<string, string> = {
  "sign-in": "Sign-in page",
  "one-time-link": "One-time link",
  operator: "Platform operator",
  seed: "Setup",
};

/** Data of events that hold the id of a user or a key. */
const USER_FIELDS = ["userId"];
const KEY_FIELDS = ["keyId", "newKeyId"];

/** What users and keys are called. Of the house's own there is nothing to look up. */
export type ActorNames = {
  /** Who acted: `Dana Counsel`, `key Scraper`, `job rescore-due-leads`. */
  ofActor: (row: Pick<AuditRow, "actorType" | "actorId">) => string;
  /** By id, those that acted and those that the events speak of. */
  byId: Record<string, string>;
};

/** The names that a list of events needs, in two questions whatever its length. */
export async function findActorNames(tx: Tx, { tenantId }: Ctx, rows: readonly AuditRow[]): Promise<ActorNames> {
  const idsOf = (actorType: string, fields: readonly string[]): string[] => {
    const ids = rows.flatMap((row) => [
      ...(row.actorType === actorType ? [row.actorId] : []),
      ...fields.map((field) => row.data[field]),
    ]);
    return [...new Set(ids.filter((id): id is string => typeof id === "string" && isId(id)))];
  };
  const select = { id: true, name: true } as const;
  const users = await tx.user.findMany({ where: { tenantId, id: { in: idsOf("user", USER_FIELDS) } }, select });
  const keys = await tx.apiKey.findMany({ where: { tenantId, id: { in: idsOf("apiKey", KEY_FIELDS) } }, select });
  const byId = Object.fromEntries([
    ...users.map(({ id, name }) => [id, name]),
    ...keys.map(({ id, name }) => [id, `key ${name}`]),
  ]);
  return { byId, ofActor: ({ actorType, actorId }) => byId[actorId] ?? nameOf(actorType, actorId) };
}

/** An actor without a row of its own, or whose row is gone. */
function nameOf(actorType: string, actorId: string): string {
  if (actorType === "job" || actorType === "webhook") return `${actorType} ${actorId}`;
  return SERVICES[actorId] ?? actorId;
}
