import { expect, it } from "vitest";
import { BeginConnecting } from "@/lib/contracts/connections";
import { authorizeUrl } from "@/lib/integrations/oauth";
import { requireZohoApi, ZOHO_DATA_CENTERS, zohoApi, zohoReturned } from "@/lib/integrations/oauth-zoho";

process.env.ZOHO_CLIENT_ID = "zoho-client";
process.env.ZOHO_CLIENT_SECRET = "zoho-secret";

const NAMES = Object.keys(ZOHO_DATA_CENTERS) as (keyof typeof ZOHO_DATA_CENTERS)[];

it("knows every data center that can be chosen", () => {
  expect(BeginConnecting.shape.dataCenter.unwrap().options).toEqual(NAMES);
});

it.each(NAMES)("takes the hosts of %s for itself alone", async (name) => {
  const { accounts, api } = ZOHO_DATA_CENTERS[name];
  const asked = { state: "s", verifier: "v".repeat(43), redirectUri: "http://localhost:3000/connect/zoho" };
  expect(await authorizeUrl("zoho", { ...asked, settings: { dataCenter: name } })).toContain(
    `${accounts}/oauth/v2/auth?`,
  );
  const returned = zohoReturned({ dataCenter: "us" }, { location: name, accountsServer: accounts });
  expect(returned).toEqual({ dataCenter: name });
  expect(zohoApi(returned)).toBe(api);
  expect(() => requireZohoApi(returned, api)).not.toThrow();
  for (const other of NAMES.filter((each) => each !== name)) {
    const { accounts: elsewhere, api: apiElsewhere } = ZOHO_DATA_CENTERS[other];
    expect(() => zohoReturned({}, { location: name, accountsServer: elsewhere })).toThrow("not on our list");
    expect(() => requireZohoApi(returned, apiElsewhere)).toThrow("not on our list");
  }
});

it.each([
  "https://accounts.zoho.com.evil.example",
  "http://accounts.zoho.com",
  "https://accounts.zoho.com@evil.example",
  "https://accounts.zoho.com:8443",
  "//accounts.zoho.com",
  "",
])("does not take %j for Zoho", (address) => {
  expect(() => zohoReturned({ dataCenter: "us" }, { accountsServer: address })).toThrow("not on our list");
  expect(() => requireZohoApi({ dataCenter: "us" }, address.replace("accounts.zoho", "www.zohoapis"))).toThrow(
    "not on our list",
  );
});

it.each(["moon", "__proto__", "constructor", ""])("knows no data center %j", (location) => {
  expect(() => zohoReturned({}, { location })).toThrow("not on our list");
});

it.each<Record<string, string>>([
  { apiDomain: "https://zohoapis.example" },
  { dataCenter: "https://zohoapis.example" },
])("sends a token to no host that %j names by itself", (settings) => {
  // Seen red without: the comparison with the names of the list.
  expect(zohoApi(settings)).toBe(ZOHO_DATA_CENTERS.us.api);
});
