"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { SessionDto } from "@/lib/contracts/account";
import { callApi, type Problem } from "./api-client";
import { browserWords } from "./browser-words";
import { Button } from "./button";
import { ConfirmDialog } from "./confirm-dialog";
import { countOf, formatAgo, formatInstant } from "./format";
import { Section } from "./section";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";
import { showToast } from "./toast";

type AccountSessionsProps = { sessions: readonly SessionDto[]; timeZone: string; now: string };

/** Where one is signed in, and an end to each or all the others. It needs no code: whoever finds a stranger here is not held up. */
export function AccountSessions({ sessions, timeZone, now }: AccountSessionsProps) {
  const router = useRouter();
  const [ending, setEnding] = useState<SessionDto | "others" | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const others = sessions.filter(({ isThisOne }) => !isThisOne);
  const ask = (what: SessionDto | "others") => {
    setProblem(null);
    setEnding(what);
  };
  const end = async () => {
    if (!ending) return;
    setSending(true);
    const path = ending === "others" ? "/api/account/sessions" : `/api/account/sessions/${ending.id}`;
    const result = await callApi<null>("DELETE", path);
    setSending(false);
    if (!result.isOk) return setProblem(result.problem);
    setEnding(null);
    showToast({ kind: "done", text: ending === "others" ? "Signed out everywhere else" : "Signed out there" });
    router.refresh();
  };
  return (
    <Section
      id="sessions"
      title="Where you are signed in"
      note={countOf(sessions.length, "session")}
      right={others.length > 0 ? <Button onClick={() => ask("others")}>Sign out everywhere else</Button> : null}
    >
      <table className="tb stack" {...tableRoles.table}>
        <caption className="sr-only">Your sessions</caption>
        <TableHead columns={["Browser", "Signed in", "Last used"]} action="End it" />
        <tbody {...tableRoles.group}>
          {sessions.map((session) => (
            <tr key={session.id} {...tableRoles.row}>
              <td className="wide" {...tableRoles.cell}>
                <span className="font-emph">{browserWords(session.userAgent)}</span>
                {session.isThisOne ? <span className="text-good"> · this one</span> : null}
              </td>
              <td className="wide text-ink-2" {...tableRoles.cell}>
                <time dateTime={session.createdAt}>{formatInstant(session.createdAt, timeZone, now)}</time>
              </td>
              <td className="text-ink-2" {...tableRoles.cell}>
                <span className="hidden phone:inline">Last used </span>
                {session.isThisOne ? "now" : formatAgo(session.lastSeenAt, now)}
              </td>
              <td className="r" {...tableRoles.cell}>
                {session.isThisOne ? null : (
                  <Button
                    kind="quiet"
                    className="-my-[5px] phone:my-0"
                    aria-label={`Sign out ${browserWords(session.userAgent)}, last used ${formatAgo(session.lastSeenAt, now)}`}
                    onClick={() => ask(session)}
                  >
                    Sign out
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-2 text-12 text-ink-3 phone:text-13">
        A session ends after 30 minutes without use, and after 12 hours in any case. The browser is named as it names
        itself.
      </p>
      <ConfirmDialog
        isOpen={ending !== null}
        title={titleFor(ending, others.length)}
        verb="Sign out"
        problem={problem}
        isSending={isSending}
        onConfirm={() => void end()}
        onCancel={() => setEnding(null)}
      >
        {ending === "others" ? "Only this browser stays signed in." : "Whoever uses it has to sign in again."} If it was
        not you, change your password too.
      </ConfirmDialog>
    </Section>
  );
}

function titleFor(ending: SessionDto | "others" | null, others: number): string {
  if (ending === "others") return `Sign out of ${countOf(others, "other session")}?`;
  return ending ? `Sign out ${browserWords(ending.userAgent)}?` : "";
}
