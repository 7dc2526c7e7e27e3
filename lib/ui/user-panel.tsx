"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { lazy, Suspense, useState } from "react";
import type { LinkPurpose } from "@/lib/contracts/account";
import type { InviteUser, OneTimeLink, UserDto } from "@/lib/contracts/users";
import type { Role } from "@/lib/core/role";
import { type ApiResult, type Problem, problemText } from "./api-client";
import { Button, buttonClass } from "./button";
import { countOf } from "./format";
import { Icon } from "./icons";
import { PageHead } from "./page-head";
import { Section } from "./section";
import { Empty } from "./states";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";
import type { UserDialogTopic } from "./user-dialog";
import { UserTable } from "./user-table";
import { DEED_QUESTIONS, type UserDeed } from "./user-words";

type UserPanelProps = {
  users: readonly UserDto[];
  me: { id: string; role: Role };
  /** Where the list goes on, if it does; whether this is not its first page. */
  nextHref: string | null;
  isFirstPage: boolean;
  timeZone: string;
  now: string;
};

/* Fetched when it first opens: the list itself needs neither the form nor the counties. */
const prepare = () => import("./user-dialog");
const UserDialog = lazy(prepare);

/** The people of the firm: inviting, changing, letting in again, keeping out. Each change asks for a fresh factor. */
export function UserPanel({ users, me, nextHref, isFirstPage, timeZone, now }: UserPanelProps) {
  const router = useRouter();
  const call = useProtectedCall();
  const [topic, setTopic] = useState<UserDialogTopic | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const open = (next: UserDialogTopic | null) => {
    setProblem(null);
    setTopic(next);
  };
  /* The reply, or null once the refusal is said where the reader is: in the dialog, or below without one. */
  const send = async <T,>(work: Promise<ApiResult<T>>, isInDialog: boolean): Promise<T | null> => {
    setSending(true);
    const result = await work;
    setSending(false);
    if (result.isOk) {
      router.refresh();
      return result.data;
    }
    if (isInDialog) setProblem(result.problem);
    else showToast({ kind: "error", text: problemText(result.problem) });
    return null;
  };
  const showLink = async (
    purpose: LinkPurpose,
    person: { name: string; email: string },
    work: Promise<ApiResult<OneTimeLink>>,
    isInDialog: boolean,
  ) => {
    const link = await send(work, isInDialog);
    if (link) open({ kind: "link", purpose, person, link });
  };
  const say = async (work: Promise<ApiResult<unknown>>, words: string, isInDialog = true) => {
    if ((await send(work.then(asDone), isInDialog)) === null) return;
    open(null);
    showToast({ kind: "done", text: words });
  };
  const invite = (person: InviteUser, isInDialog: boolean) =>
    showLink("join", person, call("POST", "/api/users/invitations", person), isInDialog);
  const save = (values: InviteUser) => {
    if (topic?.kind !== "change") return void invite(values, true);
    const { role, scope } = values;
    void say(call("PATCH", `/api/users/${topic.user.id}`, { role, scope }), `${topic.user.name} changed`);
  };
  const act = (deed: UserDeed, user: UserDto, isInDialog: boolean) => {
    const { id, name, email, role, scope } = user;
    const path = `/api/users/${id}`;
    const acts: Record<Exclude<UserDeed, "change">, () => Promise<void>> = {
      inviteAgain: () => invite({ name, email, role, scope }, isInDialog),
      withdraw: () => say(call("DELETE", `/api/users/invitations/${id}`), `Invitation of ${name} withdrawn`),
      passwordLink: () => showLink("password", user, call("POST", `${path}/password-link`, {}), isInDialog),
      resetFactor: () => showLink("factor", user, call("POST", `${path}/reset-factor`, {}), isInDialog),
      endSessions: () => say(call("DELETE", `${path}/sessions`), `${name} is signed out everywhere`),
      disable: () => say(call("PATCH", path, { isDisabled: true }), `${name} disabled`),
      enable: () => say(call("PATCH", path, { isDisabled: false }), `${name} enabled`, isInDialog),
    };
    if (deed !== "change") void acts[deed]();
  };
  const begin = (deed: UserDeed, user: UserDto) => {
    if (deed === "change") open({ kind: "change", user });
    else if (DEED_QUESTIONS[deed]) open({ kind: "ask", deed, user });
    else act(deed, user, false);
  };
  return (
    <>
      <PageHead title="Users">
        <Button kind="primary" onPointerEnter={prepare} onFocus={prepare} onClick={() => open({ kind: "invite" })}>
          <Icon name="plus" />
          Invite
        </Button>
      </PageHead>
      <Section
        id="users"
        title="People of the firm"
        note={nextHref || !isFirstPage ? undefined : countOf(users.length, "person", "people")}
      >
        <UserTable users={users} me={me} timeZone={timeZone} now={now} onDeed={begin} />
        {nextHref || !isFirstPage ? (
          <nav aria-label="Pages" className="mt-3 flex gap-2">
            {isFirstPage ? null : (
              <Link href="/settings/users" className={buttonClass()}>
                First page
              </Link>
            )}
            {nextHref ? (
              <Link href={nextHref} className={buttonClass()}>
                Next page
              </Link>
            ) : null}
          </nav>
        ) : null}
      </Section>
      {users.length === 1 && isFirstPage && !nextHref ? <Alone /> : null}
      {topic ? (
        <Suspense fallback={null}>
          <UserDialog
            topic={topic}
            mayMakeOwners={me.role === "owner"}
            timeZone={timeZone}
            now={now}
            problem={problem}
            isSending={isSending}
            onSave={save}
            onConfirm={() => topic.kind === "ask" && act(topic.deed, topic.user, true)}
            onClose={() => open(null)}
          />
        </Suspense>
      ) : null}
    </>
  );
}

/* A reply without a body is a reply too. */
const asDone = (result: ApiResult<unknown>): ApiResult<true> => (result.isOk ? { isOk: true, data: true } : result);

function Alone() {
  return (
    <Empty
      title="You are alone here so far"
      steps={[
        "Invite a person: you get a link that works for 72 hours.",
        "Hand the link to them yourself. They choose a password and set up an authenticator.",
        "They appear above as active, and see what you let them see.",
      ]}
    >
      Make a second owner early: the firm always keeps one, and a colleague can let you in again when your phone is
      lost.
    </Empty>
  );
}
