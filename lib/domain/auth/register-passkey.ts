import {
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from "@simplewebauthn/server";
import type { AddPasskey, PasskeyDto, PasskeyOptions } from "@/lib/contracts/account";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requireFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";
import { getOwnRecord, lockOwnRow, requireOwnAccount } from "./own-account";
import { keepSessionChallenge } from "./passkey-challenge";
import { isFramed, type PasskeySite } from "./passkeys";
import { notAcceptable } from "./password-rules";

/** More than anybody has devices; a session gone wrong must not fill the table. */
export const MAX_PASSKEYS = 10;

/** How long the device may take. */
const CHALLENGE_MS = 5 * 60_000;
/** Marks a challenge as one to register with: one to sign in with does not stand in for it. */
const MARK = "register";

/**
 * What a browser makes a passkey from: for this host alone, kept on the device, with the person verified by it. No attestation is asked for: which maker's
 * device it is concerns nobody here. Needs a fresh factor. @throws AppError `mfa_required`, `conflict` with ten passkeys already.
 */
export async function newPasskeyOptions(ctx: Ctx, site: PasskeySite): Promise<PasskeyOptions> {
  const person = requireOwnAccount(ctx);
  requireFreshFactor(ctx);
  return inTenant(ctx, async (tx) => {
    const own = await getOwnRecord(tx, ctx, person);
    const known = await tx.passkey.findMany({
      where: { tenantId: ctx.tenantId, userId: person.id },
      select: { credentialId: true, transports: true, rpId: true },
    });
    if (known.length >= MAX_PASSKEYS) throw tooMany();
    const here = known.filter(({ rpId }) => rpId === site.rpId);
    const options = await generateRegistrationOptions({
      rpName: own.firmName,
      rpID: site.rpId,
      userName: own.email,
      userDisplayName: own.name,
      userID: new Uint8Array(Buffer.from(person.id.replaceAll("-", ""), "hex")),
      timeout: CHALLENGE_MS,
      attestationType: "none",
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      excludeCredentials: here.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
    });
    const until = ctx.clock.now().getTime() + CHALLENGE_MS;
    await keepSessionChallenge({ ...ctx, tx }, `${MARK} ${until} ${options.challenge}`);
    return { ...options };
  });
}

/**
 * Adds the passkey that a browser made from the last options of this session, whose challenge is spent by it whatever comes of it. Needs a fresh factor.
 * @throws AppError `mfa_required`, `unprocessable` naming `credential`, `conflict` with ten passkeys already or when it is registered.
 */
export async function addPasskey(ctx: Ctx, input: AddPasskey, site: PasskeySite): Promise<PasskeyDto> {
  const person = requireOwnAccount(ctx);
  requireFreshFactor(ctx);
  const challenge = await takeChallenge(ctx);
  const credential = challenge ? await provenCredential(input.credential, challenge, site) : null;
  if (!credential) {
    throw notAcceptable([{ name: "credential", reason: "was not made for this page just now. Start again" }]);
  }
  return inTenant(ctx, async (tx) => {
    const { tenantId } = ctx;
    await lockOwnRow(tx, ctx, person);
    if ((await tx.passkey.count({ where: { tenantId, userId: person.id } })) >= MAX_PASSKEYS) throw tooMany();
    const id = newId();
    const createdAt = ctx.clock.now();
    const added = await tx.passkey.createMany({
      data: {
        tenantId,
        id,
        userId: person.id,
        credentialId: credential.id,
        publicKey: Buffer.from(credential.publicKey).toString("base64url"),
        signCount: credential.counter,
        transports: credential.transports ?? [],
        rpId: site.rpId,
        name: input.name,
        createdAt,
      },
      skipDuplicates: true,
    });
    if (added.count === 0) throw new AppError("conflict", "This passkey is registered already.");
    await recordEvent(tx, ctx, { type: "auth.passkey_added", data: { userId: person.id, passkeyId: id } });
    return { id, name: input.name, createdAt: createdAt.toISOString(), lastUsedAt: null, isUsableHere: true };
  });
}

const tooMany = (): AppError =>
  new AppError("conflict", `You have ${MAX_PASSKEYS} passkeys, which is the most. Remove one first.`);

/** In a transaction of its own, so that the challenge stays spent when what is done with it is rolled back. */
async function takeChallenge(ctx: Ctx): Promise<string | null> {
  const { actor, tenantId } = ctx;
  if (actor.type !== "user") return null;
  const [row] = await inTenant(
    { ...ctx, tx: undefined },
    (tx) => tx.$queryRaw<{ challenge: string }[]>`
      WITH kept AS (
        SELECT id, challenge FROM session
        WHERE tenant_id = ${tenantId}::uuid AND id = ${actor.sessionId}::uuid AND revoked_at IS NULL AND challenge IS NOT NULL FOR UPDATE)
      UPDATE session s SET challenge = NULL FROM kept
      WHERE s.tenant_id = ${tenantId}::uuid AND s.id = kept.id
      RETURNING kept.challenge`,
  );
  const [mark, until, challenge] = row?.challenge.split(" ") ?? [];
  return mark === MARK && Number(until) > ctx.clock.now().getTime() ? (challenge ?? null) : null;
}

/** The credential of an answer that holds in every point, else null: the library says no by throwing, also at what is no answer at all. */
async function provenCredential(
  shown: AddPasskey["credential"],
  challenge: string,
  { origin, rpId }: PasskeySite,
): Promise<WebAuthnCredential | null> {
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: shown as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
    });
    return verified && !isFramed(shown) ? registrationInfo.credential : null;
  } catch {
    return null;
  }
}
