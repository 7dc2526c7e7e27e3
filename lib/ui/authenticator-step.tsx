"use client";
import { useCallback, useEffect, useState } from "react";
import type { TotpOffer } from "@/lib/contracts/account";
import { callApi, fieldProblem, type Problem } from "./api-client";
import { AuthenticatorOffer } from "./authenticator-offer";
import { Button } from "./button";
import { FactorField } from "./factor-field";
import { FieldError } from "./field";

type AuthenticatorStepProps = {
  id: string;
  /** Who gives the authenticator: `/api/join/offer`. */
  offerPath: string;
  link: string;
  /** The problem of the form that this is a part of. */
  problem: Problem | null;
  /** The link opens nothing any more. */
  onDead: (isDead: true) => void;
};

/** The part of a form that sets up an authenticator: the key to scan, and the first code that comes of it. */
export function AuthenticatorStep({ id, offerPath, link, problem, onDead }: AuthenticatorStepProps) {
  const [offer, setOffer] = useState<TotpOffer | null>(null);
  const [refusal, setRefusal] = useState<string>();
  const ask = useCallback(async () => {
    setRefusal(undefined);
    const result = await callApi<TotpOffer>("POST", offerPath, { link });
    if (result.isOk) setOffer(result.data);
    else if (result.problem.code === "not_found") onDead(true);
    else setRefusal(result.problem.detail);
  }, [offerPath, link, onDead]);
  useEffect(() => void ask(), [ask]);
  const wrong = fieldProblem(problem, "code");
  return (
    <section aria-labelledby={`${id}-title`} className="mt-7 border-t border-line pt-5">
      <h2 id={`${id}-title`} className="text-14 font-head phone:text-16">
        Your authenticator
      </h2>
      <p className="mt-1 mb-4 text-ink-2">
        Besides the password, every sign-in asks for a code from an app that only you have.
      </p>
      {offer ? (
        <AuthenticatorOffer offer={offer} />
      ) : refusal ? (
        <div>
          <FieldError id={`${id}-offer`} error={refusal} />
          <Button className="mt-2.5" onClick={() => void ask()}>
            Try again
          </Button>
        </div>
      ) : (
        <div className="flex gap-4" role="status">
          <span className="sk size-[148px]! rounded-ctl!" />
          <span className="text-ink-3">Making your key…</span>
        </div>
      )}
      <div className="mt-4">
        <FactorField
          id={`${id}-code`}
          way="code"
          hint="The 6 digits that the app shows now."
          describedBy={wrong ? `${id}-code-error` : undefined}
        />
        <FieldError id={`${id}-code-error`} error={wrong} />
      </div>
    </section>
  );
}
