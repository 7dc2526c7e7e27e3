"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { CalendarFeedMade } from "@/lib/contracts/consultations";
import { callApi, otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { ConfirmDialog } from "./confirm-dialog";
import { FieldError } from "./field";
import { formatMoment } from "./format";
import { Section } from "./section";
import { ShownOnce } from "./shown-once";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";

export type CalendarFeedState = { showsNames: boolean; createdAt: string; readAt: string | null };
type CalendarFeedProps = { feed: CalendarFeedState | null; timeZone: string; now: string };

const PATH = "/api/account/calendar-feed";

/** One's own address of the firm's consultations, for a calendar program: made, shown once, ended. */
export function CalendarFeed({ feed, timeZone, now }: CalendarFeedProps) {
  const id = useId();
  const router = useRouter();
  const call = useProtectedCall();
  const [made, setMade] = useState<CalendarFeedMade | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isEnding, setEnding] = useState(false);
  const [isSending, setSending] = useState(false);

  const make = async (showsNames: boolean) => {
    setSending(true);
    const result = await call<CalendarFeedMade>("POST", PATH, { showsNames });
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    setMade(result.data);
    router.refresh();
  };
  const end = async () => {
    setSending(true);
    const result = await callApi("DELETE", PATH);
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    setEnding(false);
    setMade(null);
    showToast({ kind: "done", text: "The calendar address is ended" });
    router.refresh();
  };

  return (
    <Section id="calendar" title="Calendar address">
      <p className="mb-3 max-w-[68ch] text-ink-2">
        An address that Apple Calendar, Outlook or Google Calendar can subscribe to: the consultations that you see
        here, kept current. Whoever has the address reads them, so treat it like a password.
      </p>
      {feed ? (
        <p className="mb-3">
          In use since {formatMoment(feed.createdAt, timeZone, now)}, {feed.showsNames ? "with names" : "without names"}
          .{" "}
          <span className="text-ink-2">
            {feed.readAt ? `Last read ${formatMoment(feed.readAt, timeZone, now)}.` : "Not read by a calendar yet."}
          </span>
        </p>
      ) : null}
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void make(new FormData(event.currentTarget).get("names") === "yes");
        }}
      >
        <label className="flex min-h-6 items-center gap-2 phone:min-h-11">
          <input type="checkbox" name="names" value="yes" defaultChecked={feed?.showsNames ?? false} className="ck" />
          Show the names of people
        </label>
        <div className="flex flex-wrap gap-2">
          <Button type="submit" disabled={isSending}>
            {feed ? "Make a new address" : "Make an address"}
          </Button>
          {feed ? (
            <Button kind="quiet" disabled={isSending} onClick={() => setEnding(true)}>
              End it…
            </Button>
          ) : null}
        </div>
        {feed ? (
          <p className="text-12 text-ink-3 phone:text-13">
            A new address replaces the current one, which stops working.
          </p>
        ) : null}
      </form>
      {isEnding ? null : <FieldError id={`${id}-error`} error={otherProblem(problem)} />}
      {made ? (
        <ShownOnce label="Calendar address" value={made.url}>
          Add it in your calendar program as a subscription (“from URL”).
        </ShownOnce>
      ) : null}
      <ConfirmDialog
        isOpen={isEnding}
        title="End your calendar address?"
        verb="End it"
        keep="Keep it"
        problem={problem}
        isSending={isSending}
        onConfirm={() => void end()}
        onCancel={() => setEnding(false)}
      >
        Calendar programs that read it show nothing new from then on. You can make another one at any time.
      </ConfirmDialog>
    </Section>
  );
}
