"use client";
import { useSyncExternalStore } from "react";
import type { ReminderList } from "@/lib/contracts/consultations";

export type Reminder = ReminderList["reminders"][number];

/** How often is looked while the page can be seen. */
const EVERY_MS = 60_000;
const NONE: readonly Reminder[] = [];

/* One list and one timer for the page, however many bells it has. */
let reminders: readonly Reminder[] = NONE;
let timer: ReturnType<typeof setInterval> | undefined;
let lookedAt = 0;
const listeners = new Set<() => void>();

const put = (next: readonly Reminder[]): void => {
  reminders = next;
  for (const listener of listeners) listener();
};

/* Not through callApi: that would lead away from a half-written form to the door when the session has ended. Here nothing more is asked then. */
async function look(): Promise<void> {
  if (document.visibilityState === "hidden") return;
  lookedAt = Date.now();
  try {
    const response = await fetch("/api/reminders", { headers: { accept: "application/json" } });
    if (response.status === 401) return stop();
    if (response.ok) put(((await response.json()) as ReminderList).reminders);
  } catch {
    // the next look will tell
  }
}

/* A page that comes back after a while is looked at again at once, one that was only clicked on is not. */
const comeBack = (): void => {
  if (Date.now() - lookedAt > EVERY_MS / 4) void look();
};

function stop(): void {
  clearInterval(timer);
  timer = undefined;
  document.removeEventListener("visibilitychange", comeBack);
  window.removeEventListener("focus", comeBack);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) {
    timer = setInterval(() => void look(), EVERY_MS);
    document.addEventListener("visibilitychange", comeBack);
    window.addEventListener("focus", comeBack);
    void look();
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) stop();
  };
}

/** The consultations that begin soon, for whoever is signed in. Looked for about once a minute while the page can be seen, and when it comes back. */
export const useReminders = (): readonly Reminder[] =>
  useSyncExternalStore(
    subscribe,
    () => reminders,
    () => NONE,
  );

/** Marks one as seen, here at once and then there. */
export function markSeen(consultationId: string): void {
  if (!reminders.some((each) => each.consultationId === consultationId && !each.isSeen)) return;
  put(reminders.map((each) => (each.consultationId === consultationId ? { ...each, isSeen: true } : each)));
  void fetch(`/api/reminders/${consultationId}/seen`, {
    method: "POST",
    headers: { "content-type": "application/json" },
  }).catch(() => {});
}
