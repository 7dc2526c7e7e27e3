import type { TotpOffer } from "@/lib/contracts/account";
import { buttonClass } from "./button";
import { CopyButton } from "./copy-button";

/** A new authenticator to scan or to type in. The first code that it shows belongs into a `FactorField` below. */
export function AuthenticatorOffer({ offer }: { offer: TotpOffer }) {
  return (
    <div className="flex items-start gap-4 phone:flex-col">
      {/* white in the dark too: cameras read dark on light */}
      <svg
        role="img"
        aria-label="Your key as a picture, for the camera of an authenticator app"
        viewBox="0 0 100 100"
        className="size-[148px] flex-none rounded-ctl border border-line bg-[#fff] p-2"
      >
        <image href={offer.qr} width="100" height="100" />
      </svg>
      <div className="min-w-0">
        <p className="text-ink-2">
          Scan it with an authenticator app, such as the one in your password manager or on your phone.
        </p>
        {/* nobody scans the screen they hold */}
        <a href={offer.uri} className={buttonClass("plain", "mt-2.5 hidden! phone:inline-flex!")}>
          Open it in the app on this phone
        </a>
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
