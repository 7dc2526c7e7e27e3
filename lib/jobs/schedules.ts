import type { ScheduleName } from "@/lib/contracts/jobs";

/** When something runs: `cron` is read in UTC, since local time would miss or double a slot when clocks change. */
export type Schedule = { cron: string; why: string };

/** Everything that runs by the clock. What is done then is in scheduled-work.ts; the scheduler itself reads only this. */
export const SCHEDULES: Record<ScheduleName, Schedule> = {
  "rescore-due-leads": {
    cron: "* * * * *",
    why: "Points fade with the hours since the arrest: HOT cools without anyone writing to the lead.",
  },
  "sweep-lookups": {
    cron: "*/5 * * * *",
    why: "A lost job is never a lost lead: checks that are overdue get a job again.",
  },
  "recheck-contacts": {
    cron: "*/15 * * * *",
    why: "Answers grow stale and outages end: contacts of open leads are checked again without anyone asking.",
  },
  "purge-expired": {
    cron: "17 * * * *",
    why: "Stored replies hold data for a day, not for ever; so do sessions and invitations that have ended.",
  },
  "sign-heads": {
    cron: "*/5 * * * *",
    why: "A chain alone cannot show that its end was cut off: its head is signed and kept outside the database.",
  },
  "watch-audit": {
    cron: "* * * * *",
    why: "Events that wait for their seal, and seals that wait for a signed head, raise an alarm.",
  },
  "stream-audit": {
    cron: "* * * * *",
    why: "What was sealed is written once more where the database cannot change it, before anybody who got in could.",
  },
  "verify-audit": {
    cron: "23 8 * * *",
    why: "Every chain is verified each night, so that a change in it is found while somebody still remembers the day.",
  },
  "sync-due": {
    cron: "* * * * *",
    why: "A lost webhook is never a lost booking: what is due to be pulled, renewed or tried again at other services gets its job.",
  },
  remind: {
    cron: "* * * * *",
    why: "A consultation that begins soon is said to those of the firm who want to hear it.",
  },
  "sweep-files": {
    cron: "* * * * *",
    why: "A worker that died in the middle of a file says nothing: who waits for it must not wait for ever.",
  },
  "sweep-alerts": {
    cron: "* * * * *",
    why: "A lost job is never a lost alert: what is overdue to be told of a new HOT lead gets a job again.",
  },
  "verify-domains": {
    cron: "41 * * * *",
    why: "A TXT record appears when a name server gets round to it, and a host can be sold: waiting domains are looked for every hour for a week, verified ones once a day.",
  },
};
