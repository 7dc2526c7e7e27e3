import type { Metadata } from "next";
import { getAccount } from "@/lib/domain/auth/get-account";
import { passkeySite } from "@/lib/domain/auth/passkeys";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { AccountView } from "@/lib/ui/account-view";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Profile · ${(await findFirmOfRequest()).name}`,
});

/** One's own name, password, second factors and sessions. */
export default async function ProfilePage() {
  const { ctx, firm } = await loadSession("/settings/profile");
  const { name, slug, host, timeZone } = firm;
  return (
    <AccountView
      account={await getAccount(ctx, passkeySite(firm.origin))}
      firm={{ name, slug, host, timeZone }}
      now={ctx.clock.now().toISOString()}
    />
  );
}
