import { Button } from "./button";
import { Field } from "./field";
import { GatePage } from "./gate-page";

type OperatorGateProps = {
  /** What is behind the door: `Sources of all firms`. */
  title: string;
  /** Where the form leads: a page of the operator's. */
  page: string;
  /** This server asks for a code of the operator's authenticator too. */
  needsCode: boolean;
  isRefused: boolean;
};

/** The operator's door: the token, and the code of this moment. A plain form: it works without a script. */
export function OperatorGate({ title, page, needsCode, isRefused }: OperatorGateProps) {
  const refused = needsCode
    ? "The token or the code is wrong. A code counts once: wait for the next."
    : "That is not the operator token.";
  return (
    <GatePage firmName="Arrestra operator">
      <form method="post" action="/operator/session" className="grid w-full max-w-[348px] gap-4">
        <h1 className="mb-2 text-20 font-head tracking-[-0.015em]">{title}</h1>
        <input type="hidden" name="page" value={page} />
        <Field
          id="token"
          name="token"
          type="password"
          label="Operator token"
          hint="OPERATOR_TOKEN of this server."
          autoComplete="off"
          required
          error={isRefused ? refused : undefined}
        />
        {needsCode ? (
          <Field
            id="code"
            name="code"
            label="Code"
            hint="Six digits of the operator’s authenticator."
            inputMode="numeric"
            pattern="[0-9 ]*"
            maxLength={10}
            autoComplete="one-time-code"
            required
          />
        ) : null}
        <div className="mt-1">
          <Button type="submit" kind="primary">
            Open
          </Button>
        </div>
      </form>
    </GatePage>
  );
}
