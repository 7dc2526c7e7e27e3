"use client";
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";
import type { AddPasskey, PasskeyOptions } from "@/lib/contracts/account";

/** What the browser's passkey dialog came to: an answer for the server, or words for the reader. */
export type PasskeyAnswer =
  | { isOk: true; credential: AddPasskey["credential"] }
  | { isOk: false; words: string; why: "cancelled" | "already" | "unable" };

const WORDS = {
  cancelled: "No passkey was used. Try again, or use another way.",
  already: "This device already has a passkey for you here.",
  unable: "This browser cannot use a passkey here. Use another way.",
} as const;

/* Fetched with the first passkey: most visits ask for none. */
const library = () => import("@simplewebauthn/browser");

/** Lets the reader sign with a passkey they have. Never throws. */
export const askPasskey = (options: PasskeyOptions): Promise<PasskeyAnswer> =>
  answerOf(async () => {
    const { startAuthentication } = await library();
    const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
    const { response, ...credential } = await startAuthentication({ optionsJSON });
    return { ...credential, response: { ...response } };
  });

/** Lets the reader make a passkey on this device. Never throws. */
export const makePasskey = (options: PasskeyOptions): Promise<PasskeyAnswer> =>
  answerOf(async () => {
    const { startRegistration } = await library();
    const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
    const { response, ...credential } = await startRegistration({ optionsJSON });
    return { ...credential, response: { ...response } };
  });

async function answerOf(ask: () => Promise<AddPasskey["credential"]>): Promise<PasskeyAnswer> {
  try {
    return { isOk: true, credential: await ask() };
  } catch (error) {
    const why = reasonOf(error instanceof Error ? error.name : "");
    return { isOk: false, why, words: WORDS[why] };
  }
}

/* By the names that the WebAuthn specification gives its errors. */
const reasonOf = (name: string): keyof typeof WORDS => {
  if (name === "NotAllowedError" || name === "AbortError") return "cancelled";
  return name === "InvalidStateError" ? "already" : "unable";
};
