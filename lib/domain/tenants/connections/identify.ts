import type { ConnectorName } from "@/lib/core/connectors";
import * as acuity from "@/lib/integrations/acuity";
import * as google from "@/lib/integrations/google-calendar";
import * as zoho from "@/lib/integrations/zoho";
import * as zoom from "@/lib/integrations/zoom";
import type { Access } from "./access";

/** Whose account it is: its id at the other side, what a person calls it, and what its client wants to remember. */
export type Identity = { accountId: string; label: string; settings: Record<string, string> };

const ASK: Record<ConnectorName, (access: Access) => Promise<Identity>> = {
  acuity: acuity.identify,
  google: google.identify,
  zoom: zoom.identify,
  zoho: zoho.identify,
};

/** Asks the service for whom an access speaks. @throws VendorError */
export const identify = (access: Access): Promise<Identity> => ASK[access.provider](access);
