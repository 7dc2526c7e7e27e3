import { escapeHtml } from "../http/html";
import { type Meeting, runningOf } from "./meeting";

/** The page behind a meeting's link: who is there, and what one can do. */
export function meetingPage(meeting: Meeting, base: string): string {
  const occurrence = runningOf(meeting);
  const title = escapeHtml(meeting.topic);
  const act = (verb: string, inner: string) =>
    `<form method="post" action="${escapeHtml(`${base}/j/${meeting.id}/${verb}`)}">${inner}</form>`;
  const people = (occurrence?.stays ?? []).filter(({ leftAt }) => leftAt === null);
  const rows = people.map(
    (stay) =>
      `<li>${escapeHtml(stay.name)} ${act("leave", `<input type="hidden" name="userId" value="${stay.userId}"><button>Leave</button>`)}</li>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} (Zoom stand-in)</title>
<style>:root { color-scheme: light dark } body { font: 15px/1.55 system-ui, sans-serif; max-width: 460px; margin: 0 auto; padding: 40px 20px }
form { display: inline-block; margin: 0 8px 8px 0 } button, input { font: inherit; padding: 6px 12px }</style></head>
<body><main><h1>${title}</h1>
<p>Meeting ${meeting.id}, ${escapeHtml(meeting.start_time)}, ${meeting.duration} minutes. This page is a stand-in for Zoom.</p>
<p role="status">${occurrence ? "The meeting is under way." : "The meeting has not started, or is over."}</p>
<ul aria-label="In the meeting">${rows.join("")}</ul>
${act("join", `<label>Name <input name="name" required maxlength="60"></label> <button>Join</button>`)}
${act("host", "<button>Join as the host</button>")}
${occurrence ? act("end", "<button>End the meeting for all</button>") : ""}
</main></body></html>`;
}
