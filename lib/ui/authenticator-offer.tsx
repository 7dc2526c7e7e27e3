import Image from "next/image";
import type { TotpOffer } from "@/lib/contracts/account";
import { CopyButton } from "./copy-button";

/** A new authenticator to scan or to type in. The first code that it shows belongs into a `FactorField` below. */
export function AuthenticatorOffer({ offer }: { offer: Pick<TotpOffer, "secret" | "qr"> }) {
  return (
    <div className="flex items-start gap-4 phone:flex-col">
      {/* white in the dark too: cameras read dark on light */}
      <Image
        unoptimized
        src={offer.qr}
        alt="QR code of your key, for the camera of an authenticator app"
        width={148}
        height={148}
        className="flex-none rounded-ctl border border-line bg-[#fff] p-1.5"
      />
      <div className="min-w-0">
        <p className="text-ink-2">
          Scan it with an authenticator app, such as the one in your password manager or on your phone.
        </p>
        <details className="mt-2">
          <summary className="min-h-6 w-fit text-accent phone:min-h-11">Can’t scan? Type this key</summary>
          <p className="mt-1.5 font-mono text-13 [overflow-wrap:anywhere] select-all">{spaced(offer.secret)}</p>
          <div className="mt-2">
            <CopyButton text={offer.secret} what="the key" />
          </div>
        </details>
      </div>
    </div>
  );
}

/* In fours, as people read it aloud. */
const spaced = (secret: string): string => secret.match(/.{1,4}/g)?.join(" ") ?? secret;
