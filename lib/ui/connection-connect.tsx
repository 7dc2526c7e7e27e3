"use client";
import { useRouter } from "next/navigation";
import { type ReactNode, useId, useState } from "react";
import type { ConnectingAt, ConnectionDto, ConnectionList, ConnectWithKey } from "@/lib/contracts/connections";
import { CONNECTORS } from "@/lib/core/connectors";
import { fieldProblem, otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { Field, FieldError, SelectField } from "./field";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";

type Service = ConnectionList["services"][number];

const DATA_CENTERS = [
  ["us", "United States (zoho.com)"],
  ["eu", "Europe (zoho.eu)"],
  ["in", "India (zoho.in)"],
  ["au", "Australia (zoho.com.au)"],
  ["cn", "China (zoho.com.cn)"],
  ["jp", "Japan (zoho.jp)"],
  ["ca", "Canada (zohocloud.ca)"],
  ["sa", "Saudi Arabia (zoho.sa)"],
] as const;

/** The fields of a key of the firm's own, by service: name, label, hint, whether it is hidden while typed. */
const KEY_FIELDS: Partial<Record<Service["provider"], readonly (readonly [string, string, string, boolean])[]>> = {
  acuity: [
    ["userId", "User ID", "A number. In Acuity: Integrations, API, View Credentials.", false],
    ["apiKey", "API key", "Beside the user ID.", true],
  ],
  zoom: [
    ["accountId", "Account ID", "Of a server-to-server OAuth app in the firm’s Zoom account, as the next two.", false],
    ["clientId", "Client ID", "", false],
    ["clientSecret", "Client secret", "", true],
    ["webhookSecret", "Webhook secret token", "On the app’s page Features, Access.", true],
    ["hostId", "Host", "The user whose meetings they will be: e-mail address or user ID.", false],
  ],
};

/** Connecting a service: what it will be allowed to do, and the ways there are. */
export function ConnectForm({ service, isAgain }: { service: Service; isAgain: boolean }) {
  const { provider, modes } = service;
  const { label, scopes, keeps } = CONNECTORS[provider];
  const fields = modes.some((mode) => mode !== "oauth") ? KEY_FIELDS[provider] : undefined;
  return (
    <>
      <div className="mt-3 max-w-[66ch]">
        <p className="font-emph">Arrestra will be able to</p>
        <ul className="mt-1 list-disc pl-5 text-ink-2 marker:text-ink-3">
          {scopes.map(({ scope, words }) => (
            <li key={scope}>{words}</li>
          ))}
        </ul>
        <p className="mt-1.5 text-ink-2">Kept here: {`${keeps.charAt(0).toLowerCase()}${keeps.slice(1)}`}</p>
      </div>
      {modes.includes("oauth") ? (
        <Authorize service={service} verb={isAgain ? "Connect again" : `Connect ${label}`} />
      ) : null}
      {fields ? (
        <details className="mt-3 max-w-[440px]" open={!modes.includes("oauth")}>
          <summary className="w-fit cursor-pointer py-1 text-accent phone:py-3">
            With a key of the firm’s own account
          </summary>
          <KeyForm provider={provider} fields={fields} />
        </details>
      ) : null}
      {modes.length === 0 ? (
        <p className="mt-3 text-ink-2">This installation has no app at {label} yet. Ask whoever runs Arrestra.</p>
      ) : null}
    </>
  );
}

function Authorize({ service: { provider }, verb }: { service: Service; verb: string }) {
  const id = useId();
  const call = useProtectedCall();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const begin = async (form: HTMLFormElement) => {
    setSending(true);
    const dataCenter = new FormData(form).get("dataCenter");
    const body = dataCenter ? { dataCenter: String(dataCenter) } : {};
    const result = await call<ConnectingAt>("POST", `/api/connections/${provider}/authorize`, body);
    if (result.isOk) return window.location.assign(result.data.url);
    setSending(false);
    setProblem(result.problem);
  };
  return (
    <form
      className="mt-3 grid max-w-[440px] gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void begin(event.currentTarget);
      }}
    >
      {provider === "zoho" ? (
        <SelectField id={`${id}-dc`} name="dataCenter" label="Where your Zoho account lives">
          {DATA_CENTERS.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </SelectField>
      ) : null}
      <FieldError id={`${id}-problem`} error={otherProblem(problem)} />
      <div>
        <Button type="submit" disabled={isSending}>
          {isSending ? "Going there…" : verb}
        </Button>
      </div>
    </form>
  );
}

function KeyForm({
  provider,
  fields,
}: {
  provider: Service["provider"];
  fields: readonly (readonly [string, string, string, boolean])[];
}) {
  const id = useId();
  const router = useRouter();
  const call = useProtectedCall();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const connect = async (form: HTMLFormElement) => {
    setSending(true);
    const typed = Object.fromEntries(fields.map(([name]) => [name, String(new FormData(form).get(name) ?? "").trim()]));
    const result = await call<ConnectionDto>("POST", `/api/connections/${provider}/key`, {
      provider,
      ...typed,
    } as ConnectWithKey);
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    form.reset();
    showToast({ kind: "done", text: `${CONNECTORS[provider].label} is connected to ${result.data.account}` });
    router.refresh();
  };
  const named = fields.some(([name]) => fieldProblem(problem, name));
  return (
    <form
      className="mt-2 grid gap-3.5"
      onSubmit={(event) => {
        event.preventDefault();
        void connect(event.currentTarget);
      }}
    >
      {fields.map(
        ([name, label, hint, isHidden]): ReactNode => (
          <Field
            key={name}
            id={`${id}-${name}`}
            name={name}
            label={label}
            hint={hint || undefined}
            type={isHidden ? "password" : "text"}
            required
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={200}
            error={fieldProblem(problem, name)}
          />
        ),
      )}
      <FieldError id={`${id}-problem`} error={named ? undefined : otherProblem(problem)} />
      <div>
        <Button type="submit" disabled={isSending}>
          {isSending ? "Checking the key…" : "Connect with this key"}
        </Button>
      </div>
    </form>
  );
}
