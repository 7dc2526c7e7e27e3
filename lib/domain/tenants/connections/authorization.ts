import type { ConnectorName } from "@/lib/core/connectors";

/** The Authorization header for a token: Zoho has a scheme of its own. */
export const tokenHeader = (provider: ConnectorName, accessToken: string): string =>
  `${provider === "zoho" ? "Zoho-oauthtoken" : "Bearer"} ${accessToken}`;

/** The Authorization header for a key of the firm's own account. */
export const keyHeader = (userId: string, apiKey: string): string =>
  `Basic ${Buffer.from(`${userId}:${apiKey}`).toString("base64")}`;
