import { VendorError } from "@/lib/core/errors";
import { env } from "@/lib/platform/env";

type DataCenter = { accounts: string; api: string };

/** Zoho's data centers: a firm's records lie in one of them, and only its hosts know the firm. Nothing else that calls itself Zoho is ever asked. */
export const ZOHO_DATA_CENTERS = {
  us: { accounts: "https://accounts.zoho.com", api: "https://www.zohoapis.com" },
  eu: { accounts: "https://accounts.zoho.eu", api: "https://www.zohoapis.eu" },
  in: { accounts: "https://accounts.zoho.in", api: "https://www.zohoapis.in" },
  au: { accounts: "https://accounts.zoho.com.au", api: "https://www.zohoapis.com.au" },
  cn: { accounts: "https://accounts.zoho.com.cn", api: "https://www.zohoapis.com.cn" },
  jp: { accounts: "https://accounts.zoho.jp", api: "https://www.zohoapis.jp" },
  ca: { accounts: "https://accounts.zohocloud.ca", api: "https://www.zohoapis.ca" },
  sa: { accounts: "https://accounts.zoho.sa", api: "https://www.zohoapis.sa" },
} as const satisfies Record<string, DataCenter>;
export type ZohoDataCenter = keyof typeof ZOHO_DATA_CENTERS;

type Settings = Readonly<Record<string, string>>;

const isDataCenter = (name: string | undefined): name is ZohoDataCenter =>
  name !== undefined && Object.hasOwn(ZOHO_DATA_CENTERS, name);

/** The hosts of the data center that the settings name; the sandbox takes the place of all of them. */
function hostsOf({ dataCenter }: Settings): DataCenter {
  const { ZOHO_SANDBOX_URL: sandbox } = env();
  if (sandbox) return { accounts: sandbox, api: sandbox };
  return ZOHO_DATA_CENTERS[isDataCenter(dataCenter) ? dataCenter : "us"];
}

/** Where a person of this data center signs in, and where its tokens come from. */
export const zohoAccounts = (settings: Settings): string => hostsOf(settings).accounts;

/** Where the records of this data center are. */
export const zohoApi = (settings: Settings): string => hostsOf(settings).api;

/** Our client secret there: Zoho may give each data center its own. */
export function zohoSecret({ dataCenter }: Settings): string | undefined {
  const { ZOHO_DC_SECRETS: list = "", ZOHO_CLIENT_SECRET: usual } = env();
  const own = list.split(",").find((entry) => dataCenter !== undefined && entry.startsWith(`${dataCenter}:`));
  return own ? own.slice(own.indexOf(":") + 1) : usual;
}

/**
 * The settings after a person was sent back: `location` and `accounts-server` say where they really live. Both have to be of one line of our list: the code
 * and our secret go to that server. @throws VendorError `garbled`
 */
export function zohoReturned(settings: Settings, query: { location?: string; accountsServer?: string }): Settings {
  const { location = settings.dataCenter ?? "us", accountsServer } = query;
  if (!isDataCenter(location)) throw strange("a data center");
  const returned = { ...settings, dataCenter: location };
  if (accountsServer !== undefined && accountsServer.replace(/\/$/, "") !== zohoAccounts(returned))
    throw strange("an accounts server");
  return returned;
}

/** Checks that the API host that a token came with is that of the data center. @throws VendorError `garbled` */
export function requireZohoApi(settings: Settings, apiDomain: unknown): void {
  if (apiDomain === undefined) return;
  if (typeof apiDomain !== "string" || apiDomain.replace(/\/$/, "") !== zohoApi(settings)) throw strange("an API host");
}

const strange = (what: string): VendorError =>
  new VendorError("zoho", "garbled", `named ${what} that is not on our list`, { code: "host" });
