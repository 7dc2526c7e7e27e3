import type { Stage, Step } from "./day";
import { appointmentOf, book, bookAt, eventOf, HOST, meetingOf, recordOf, shifted } from "./people";

const HOUR = 3_600_000;
const OWN_EVENT = "Dentist";

const step = (minute: number, what: string, act: (stage: Stage) => unknown): Step => ({
  minute,
  what,
  do: async (stage) => {
    await act(stage);
  },
});

/** Somebody's stay in the meeting that has not ended. */
async function leave(stage: Stage, name: "Ada", who: string): Promise<void> {
  const id = meetingOf(stage, name);
  const stays = stage.worlds.zoom.meeting(id).occurrences.at(-1)?.stays ?? [];
  for (const { userId } of stays.filter((stay) => stay.name === who && stay.leftAt === null))
    await stage.worlds.zoom.leave(id, userId);
}

/** What happens in every day, whatever else goes wrong. Three people have booked before the trouble begins. */
export const HAPPENINGS: readonly Step[] = [
  step(0, "Ada, Ben and Gwen book: Ada in three hours, Ben in four, Gwen in two days", (stage) => {
    book(stage, "Ada", 3);
    book(stage, "Ben", 4);
    book(stage, "Gwen", 48);
  }),
  step(40, "Cleo books", (stage) => book(stage, "Cleo", 49)),
  step(50, "Dora books", (stage) => book(stage, "Dora", 50)),
  step(60, "Eli books", (stage) => book(stage, "Eli", 52)),
  step(70, "Dora moves to the next day", (stage) => {
    const appointment = appointmentOf(stage, "Dora");
    stage.worlds.acuity.move(appointment, new Date(appointment.startsAt.getTime() + 23 * HOUR));
  }),
  step(80, "Cleo adds a note", (stage) =>
    stage.worlds.acuity.change(appointmentOf(stage, "Cleo"), { notes: "Please call before." }),
  ),
  step(90, "Eli cancels", (stage) => stage.worlds.acuity.cancel(appointmentOf(stage, "Eli"))),
  step(94, "Faye books the hour that was Eli's", (stage) =>
    bookAt(stage, "Faye", appointmentOf(stage, "Eli").startsAt),
  ),
  step(100, "Somebody of the firm adds an event of their own", ({ worlds: { google } }) => {
    const from = Math.ceil(google.now().getTime() / HOUR) * HOUR + 24 * HOUR;
    const at = (ms: number) => ({ dateTime: new Date(ms).toISOString() });
    google.insert(google.calendar(), { summary: OWN_EVENT, start: at(from), end: at(from + HOUR) });
  }),
  step(110, "They move it by two hours", ({ worlds: { google } }) => {
    const calendar = google.calendar();
    const own = [...calendar.events.values()].findLast(({ summary }) => summary === OWN_EVENT);
    if (own) google.patch(calendar, own.id, shifted(own, 120));
  }),
  step(115, "They move our event of Gwen's consultation by half an hour", (stage) => {
    const { google } = stage.worlds;
    const event = eventOf(stage, "Gwen");
    google.patch(google.calendar(), event.id, shifted(event, 30));
  }),
  step(120, "Somebody writes another phone number into Gwen's record in the CRM", (stage) => {
    const { zoho } = stage.worlds;
    zoho.org().edit(recordOf(stage, "Gwen").id, { Phone: "(512) 555-0177" }, zoho.clock.now());
  }),
  step(130, "Somebody deletes Ben's record in the CRM", (stage) => {
    const { zoho } = stage.worlds;
    zoho.org().remove(recordOf(stage, "Ben").id, zoho.clock.now());
  }),
  step(181, "The host and Ada come to the meeting", async (stage) => {
    const { zoom } = stage.worlds;
    const id = meetingOf(stage, "Ada");
    await zoom.join(id, HOST);
    await zoom.join(id, { name: "Ada F" });
  }),
  step(186, "Ada drops out", (stage) => leave(stage, "Ada", "Ada F")),
  step(188, "Ada comes back", async (stage) => {
    await stage.worlds.zoom.join(meetingOf(stage, "Ada"), { name: "Ada F" });
  }),
  step(205, "The meeting ends", (stage) => stage.worlds.zoom.end(meetingOf(stage, "Ada"))),
  step(280, "Ben has not come", (stage) => stage.worlds.acuity.cancel(appointmentOf(stage, "Ben"), { isNoShow: true })),
];
