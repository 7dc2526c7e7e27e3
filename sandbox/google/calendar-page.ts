import { escapeHtml } from "../http/html";
import type { CalendarEvent, Moment } from "./event";
import { instantOf } from "./recurrence";
import type { Calendar, GoogleWorld } from "./world";

/** The calendars as a person would see them, deleted events left out: for a look at what was written. */
export function calendarPage(world: GoogleWorld): string {
  const sections = [...world.calendars.values()].map(
    (calendar) =>
      `<section aria-label="${escapeHtml(calendar.id)}"><h2>${escapeHtml(calendar.name)}</h2>${tableOf(calendar)}</section>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Calendars (stand-in)</title>
<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:24px}td,th{text-align:left;padding:4px 12px 4px 0;vertical-align:top;overflow-wrap:anywhere}</style>
</head><body><h1>Calendars</h1>${sections.join("")}</body></html>`;
}

function tableOf(calendar: Calendar): string {
  const events = [...calendar.events.values()]
    .filter(({ status }) => status !== "cancelled")
    .sort((a, b) => beginning(a, calendar) - beginning(b, calendar));
  if (events.length === 0) return "<p>No events.</p>";
  const rows = events.map(
    (
      event,
    ) => `<tr data-event="${escapeHtml(event.id)}"><td>${momentText(event.start, calendar)}</td><td>${momentText(event.end, calendar)}</td>
<th scope="row">${escapeHtml(event.summary ?? "(No title)")}</th><td>${escapeHtml(event.location ?? "")}</td><td>${escapeHtml(event.description ?? "")}</td></tr>`,
  );
  return `<table><thead><tr><th>From</th><th>To</th><th>What</th><th>Where</th><th>Description</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

const beginning = ({ start }: CalendarEvent, { timeZone }: Calendar): number =>
  start ? instantOf(start, timeZone).getTime() : 0;

function momentText(moment: Moment | undefined, { timeZone }: Calendar): string {
  if (!moment?.dateTime) return escapeHtml(moment?.date ?? "");
  const at = new Date(moment.dateTime);
  const words = at.toLocaleString("en-US", {
    timeZone: moment.timeZone ?? timeZone,
    dateStyle: "medium",
    timeStyle: "short",
  });
  return `<time datetime="${at.toISOString()}">${escapeHtml(words)}</time>`;
}
