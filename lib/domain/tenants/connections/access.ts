import type { ConnectionMode, ConnectorName } from "@/lib/core/connectors";

/** What a call of a client needs to speak for a firm: for the moment of the call, never stored, logged or shown. */
export type Access = {
  connectionId: string;
  provider: ConnectorName;
  mode: ConnectionMode;
  /** The whole value of the Authorization header: `Bearer ...`, `Basic ...`, `Zoho-oauthtoken ...`. */
  authorization: string;
  /** The account at the other side: what its limits are counted for. */
  accountId: string;
  settings: Readonly<Record<string, string>>;
};
