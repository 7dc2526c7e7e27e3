"use client";
import { useEffect, useRef } from "react";
import type { NewApiKey } from "@/lib/contracts/api-keys";
import { firstCall } from "./api-key-words";
import { Button } from "./button";
import { CopyButton } from "./copy-button";
import { Section } from "./section";
import { ShownOnce } from "./shown-once";

type ApiKeyShownProps = {
  made: NewApiKey;
  /** Where the firm's programs call: this firm's own address. */
  origin: string;
  /** What becomes of the key that this one replaces. */
  note?: string | undefined;
  onStored: () => void;
};

/** A new key, whole, this one time, with a first call to try it. It stays until the reader says that it is stored. */
export function ApiKeyShown({ made, origin, note, onStored }: ApiKeyShownProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.focus();
    place.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const example = firstCall(made.key.scopes, origin);
  return (
    <div ref={place} tabIndex={-1} className="border-b border-line focus-visible:shadow-none">
      <Section id="new-key" title={`The key “${made.key.name}”`}>
        {note ? <p className="text-ink-2">{note}</p> : null}
        <ShownOnce label="Key" value={made.text}>
          Put it where the program keeps its secrets, never into its code or an address. To try it, with the key in the
          variable <code className="font-mono">ARRESTRA_KEY</code>:
          <code className="mt-2 block font-mono text-12 text-ink [overflow-wrap:anywhere] select-all phone:text-13">
            {example}
          </code>
          <span className="mt-2 block">
            <CopyButton text={example} what="the first call" />
          </span>
        </ShownOnce>
        <div className="mt-4">
          <Button kind="primary" onClick={onStored}>
            I have stored it
          </Button>
        </div>
      </Section>
    </div>
  );
}
