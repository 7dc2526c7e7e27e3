import { toString as toSvg } from "qrcode";
import type { TotpOffer } from "@/lib/contracts/account";
import { newTotpSecret, totpUri } from "./totp";

/** Whose authenticator it is to be, as the app will show it. */
export type OfferedTo = { firmName: string; email: string };

/** An authenticator to scan or type in, drawn here: the secret is never sent to anybody who makes pictures. A given secret is offered again. */
export async function makeTotpOffer(to: OfferedTo, secret = newTotpSecret()): Promise<TotpOffer> {
  const uri = totpUri({ firmName: to.firmName, email: to.email, secret });
  const svg = await toSvg(uri, { type: "svg", errorCorrectionLevel: "M", margin: 2 });
  return { secret, uri, qr: `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}` };
}
