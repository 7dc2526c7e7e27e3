"use client";
import { Button, buttonClass } from "./button";
import { CopyButton } from "./copy-button";
import { Icon } from "./icons";

type RecoveryCodesShownProps = {
  codes: string[];
  /** What they open, for the file: `smithlaw.arrestra.com`. */
  host: string;
  /** Called when the reader says that the codes are kept. */
  onKept: () => void;
  keptLabel?: string;
};

/** Ten recovery codes, the one time they can be read: to copy, save or print. */
export function RecoveryCodesShown({ codes, host, onKept, keptLabel = "I have kept them" }: RecoveryCodesShownProps) {
  const text = textOf(codes, host);
  return (
    <div className="mt-4">
      <ol
        aria-label="Recovery codes"
        className="m-0 grid list-none grid-cols-2 phone:grid-cols-1 gap-x-6 gap-y-1.5 rounded-ctl border border-edge bg-sunken px-4 py-3 font-mono text-14 text-ink"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="mt-2.5 flex flex-wrap gap-2 print:hidden">
        <a
          download="arrestra-recovery-codes.txt"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
          className={buttonClass()}
        >
          <Icon name="download" />
          Download
        </a>
        <Button onClick={() => window.print()}>
          <Icon name="print" />
          Print
        </Button>
        <CopyButton text={text} what="the recovery codes" />
      </div>
      <p className="mt-3 text-ink-2">
        Each works once, in place of a code from the app. Keep them where you keep passwords, not on the phone with the
        app: they are shown only now.
      </p>
      <Button kind="primary" className="mt-4 print:hidden" onClick={onKept}>
        {keptLabel}
      </Button>
    </div>
  );
}

const textOf = (codes: string[], host: string): string =>
  [`Recovery codes for ${host}`, "Each works once, in place of a code from the app.", "", ...codes, ""].join("\n");
