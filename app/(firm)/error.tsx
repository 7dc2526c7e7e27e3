"use client";
import { Button } from "@/lib/ui/button";
import { ErrorState } from "@/lib/ui/states";

type FirmErrorProps = { error: Error & { digest?: string }; reset: () => void };

/** A page inside the shell failed. The cause is in the log under the reference; the shell stays. */
export default function FirmError({ error, reset }: FirmErrorProps) {
  return (
    <ErrorState
      title="This page could not be loaded"
      requestId={error.digest}
      action={
        <Button kind="primary" onClick={reset}>
          Try now
        </Button>
      }
    >
      Something did not answer in time. Nothing was lost or changed.
    </ErrorState>
  );
}
