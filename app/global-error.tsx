"use client";
import { Button } from "@/lib/ui/button";
import { ProblemPage } from "@/lib/ui/states";
import "./globals.css";

type GlobalErrorProps = { error: Error & { digest?: string }; reset: () => void };

/** The last resort: even the document's own layout failed. */
export default function GlobalError({ error, reset }: GlobalErrorProps) {
  return (
    <html lang="en">
      <body>
        <ProblemPage
          title="The product could not be loaded"
          meta={error.digest ? `Error 500 · Reference ${error.digest}` : "Error 500"}
        >
          <p>Something went wrong on our side. Nothing was lost or changed.</p>
          <div className="mt-4">
            <Button kind="primary" onClick={reset}>
              Try now
            </Button>
          </div>
        </ProblemPage>
      </body>
    </html>
  );
}
