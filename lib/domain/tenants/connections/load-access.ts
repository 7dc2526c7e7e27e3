import type { ConnectorName } from "@/lib/core/connectors";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { readSecret } from "../integration-secrets";
import type { Access } from "./access";
import { keyHeader, tokenHeader } from "./authorization";
import { type ConnectionRow, findConnection } from "./connections";

/** A connection with the secret that its calls are made with. `held` is null when there is nothing to call with. */
export type LoadedAccess = { row: ConnectionRow; held: string | null };

/** The connection and its secret in the clear; null when there is none. */
export async function loadAccess(tx: Tx, ctx: Ctx, provider: ConnectorName): Promise<LoadedAccess | null> {
  const row = await findConnection(tx, ctx, provider);
  if (!row) return null;
  const name = row.mode === "api_key" ? "api_key" : "access_token";
  return { row, held: await readSecret(tx, ctx, { provider, name }) };
}

/** What a call needs. */
export function toAccess({ row, held }: { row: ConnectionRow; held: string }): Access {
  const { id, provider, mode, accountId, settings } = row;
  const authorization =
    mode === "api_key" ? keyHeader(settings.userId ?? accountId, held) : tokenHeader(provider, held);
  return { connectionId: id, provider, mode, authorization, accountId, settings };
}
