"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ConnectionDto, ConnectionList, SyncStarted } from "@/lib/contracts/connections";
import { CONNECTORS } from "@/lib/core/connectors";
import { type Problem, problemText } from "./api-client";
import { Button, buttonClass } from "./button";
import { ConfirmDialog } from "./confirm-dialog";
import { CalendarChoice } from "./connection-calendar";
import { ConnectForm } from "./connection-connect";
import { DriftDetails } from "./connection-drift";
import { connectionState, syncLine } from "./connection-words";
import { CopyButton } from "./copy-button";
import { formatAgo, formatDay } from "./format";
import { Icon } from "./icons";
import { ProgressBar } from "./progress-bar";
import { Section } from "./section";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";
import { useRefreshWhile } from "./use-refresh-while";

type Service = ConnectionList["services"][number];
type ConnectionPanelProps = { service: Service; timeZone: string; now: string };

/** One service: how it does and what it keeps, or how to connect it. */
export function ConnectionPanel({ service, timeZone, now }: ConnectionPanelProps) {
  const { provider, connection } = service;
  const { label, gives } = CONNECTORS[provider];
  const { icon, tone, words, more } = connectionState(connection);
  const isFirstTime = connection?.sync.some(({ phase, finishedAt }) => phase === "backfill" && finishedAt === null);
  useRefreshWhile(isFirstTime === true && connection?.state === "connected");
  return (
    <Section
      id={provider}
      title={label}
      right={
        <span className="inline-flex items-center gap-1.5">
          <Icon name={icon} className={tone} />
          {words}
        </span>
      }
    >
      <p className="max-w-[66ch] text-ink-2">{gives}</p>
      {more ? (
        <p role="alert" className="mt-2 flex max-w-[66ch] items-start gap-1.5">
          <Icon name="warn" className={`mt-0.5 ${tone}`} />
          {more}
        </p>
      ) : null}
      {connection ? <Connected connection={connection} timeZone={timeZone} now={now} /> : null}
      {connection?.state === "connected" ? null : <ConnectForm service={service} isAgain={connection !== null} />}
      {connection ? <Deeds connection={connection} /> : null}
    </Section>
  );
}

function Connected({ connection, timeZone, now }: { connection: ConnectionDto; timeZone: string; now: string }) {
  const { provider, account, connectedAt, connectedBy, lastOkAt, quotaLeft, quotaAt, sync, drift, state } = connection;
  const facts: [string, string][] = [
    ["Account", account],
    ["Connected", `${formatDay(connectedAt, timeZone, now)} by ${connectedBy}`],
    ["Last answer", lastOkAt ? formatAgo(lastOkAt, now) : "none yet"],
    ...(quotaLeft === null
      ? []
      : [["Credits left there", `${quotaLeft}${quotaAt ? `, ${formatAgo(quotaAt, now)}` : ""}`] as [string, string]]),
  ];
  return (
    <>
      <dl className="mt-3 grid max-w-[66ch] grid-cols-[max-content_1fr] gap-x-4 gap-y-1 phone:grid-cols-1 phone:gap-y-0">
        {facts.map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
        {state === "connected"
          ? sync.map((each) => {
              const { name, words } = syncLine(each, now);
              const isFirst = each.phase === "backfill" && each.finishedAt === null && each.total !== null;
              return (
                <Fact key={each.resource} name={name}>
                  {words}
                  {isFirst ? <ProgressBar label={`Read of ${name}`} value={each.done} max={each.total} /> : null}
                </Fact>
              );
            })
          : null}
      </dl>
      {connection.webhookUrl ? <WebhookAddress url={connection.webhookUrl} /> : null}
      {drift ? <DriftDetails drift={drift} now={now} /> : null}
      {provider === "google" && state === "connected" ? <CalendarChoice settings={connection.settings} /> : null}
    </>
  );
}

function WebhookAddress({ url }: { url: string }) {
  return (
    <div className="mt-3 max-w-[66ch]">
      <p>
        Enter this address in your own Zoom app, under Features, Access, as the event notification endpoint. Without it
        Zoom’s report after the meeting says who came, which takes longer.
      </p>
      <p className="mt-1.5 flex flex-wrap items-center gap-2">
        <code className="[overflow-wrap:anywhere]">{url}</code>
        <CopyButton text={url} what="the webhook address" />
      </p>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="m-0 [overflow-wrap:anywhere] phone:mb-2">{children}</dd>
    </>
  );
}

/** What can be done with a connection: everything now, the mapping of the CRM, taking it away. */
function Deeds({ connection: { provider, state } }: { connection: ConnectionDto }) {
  const { label, keeps } = CONNECTORS[provider];
  const router = useRouter();
  const call = useProtectedCall();
  const [isAsking, setAsking] = useState(false);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const syncNow = async () => {
    setSending(true);
    const result = await call<SyncStarted>("POST", `/api/connections/${provider}/sync`);
    setSending(false);
    if (!result.isOk) return showToast({ kind: "error", text: problemText(result.problem) });
    showToast({ kind: "done", text: `${label} is looked through now` });
    router.refresh();
  };
  const disconnect = async () => {
    setSending(true);
    const result = await call("DELETE", `/api/connections/${provider}`);
    setSending(false);
    if (!result.isOk) return setProblem(result.problem);
    setAsking(false);
    showToast({ kind: "done", text: `${label} is disconnected` });
    router.refresh();
  };
  return (
    <div className="mt-3 flex flex-wrap gap-2">
      {state === "connected" ? (
        <Button disabled={isSending} onClick={() => void syncNow()}>
          Look now
        </Button>
      ) : null}
      {provider === "zoho" && state === "connected" ? (
        <a href="/settings/connections/zoho" className={buttonClass()}>
          Choose fields
        </a>
      ) : null}
      <Button
        kind={state === "connected" ? "quiet" : "plain"}
        onClick={() => {
          setProblem(null);
          setAsking(true);
        }}
      >
        Disconnect
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={`Disconnect ${label}?`}
        verb="Disconnect"
        keep="Keep it"
        problem={problem}
        isSending={isSending}
        onConfirm={() => void disconnect()}
        onCancel={() => setAsking(false)}
      >
        {`Access is given up and its credentials are erased here. Consultations stay; nothing more is sent or received. What was kept: ${keeps.charAt(0).toLowerCase()}${keeps.slice(1)}`}
      </ConfirmDialog>
    </div>
  );
}
