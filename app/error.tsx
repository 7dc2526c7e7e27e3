"use client";
import { Button } from "@/lib/ui/button";
import { ProblemPage } from "@/lib/ui/states";

type ErrorPageProps = { error: Error & { digest?: string }; reset: () => void };

/** A page that failed outside a firm's shell: what is safe, what to do, and the id for support. The cause stays in the log. */
export default function ErrorPage({ error, reset }: ErrorPageProps) {
  return (
    <ProblemPage
      title="This page could not be loaded"
      meta={error.digest ? `Error 500 · Reference ${error.digest}` : "Error 500"}
    >
      <p>Something went wrong on our side. Nothing was lost or changed.</p>
      <div className="mt-4">
        <Button kind="primary" onClick={reset}>
          Try now
        </Button>
      </div>
    </ProblemPage>
  );
}
