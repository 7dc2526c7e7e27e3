import { newId } from "@/lib/core/ids";
import { asOwner, type TestFirm, type TestUser } from "../setup/firms";
import type { SoftwareAuthenticator } from "./software-authenticator";

/** Gives a user a passkey of this authenticator for the firm's host, as if it had been registered; gives its credential id. */
export async function givePasskey(firm: TestFirm, user: TestUser, device: SoftwareAuthenticator): Promise<string> {
  const rpId = `${firm.slug}.localhost`;
  const person = { id: Buffer.from(user.id).toString("base64url"), name: user.email, displayName: user.email };
  const { id } = device.create({ challenge: "AAAA", user: person, rp: { id: rpId } }, `http://${rpId}:3000`);
  await asOwner(firm.id, (client) =>
    client.query(
      `INSERT INTO passkey (tenant_id, id, user_id, credential_id, public_key, rp_id, name, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, 'Test key', now())`,
      [firm.id, newId(), user.id, id, device.publicKeyOf(id), rpId],
    ),
  );
  return id;
}
