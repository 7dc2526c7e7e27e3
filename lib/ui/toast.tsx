"use client";
import { lazy, Suspense, useEffect, useState } from "react";

export type ToastNotice = {
  kind: "done" | "note" | "error";
  text: string;
  /** One thing the reader can do about it. */
  action?: { label: string; run: () => void };
};

const CHANNEL = "arrestra:toast";

/** Says what happened, bottom left, one at a time: 8 seconds, errors until they are closed. */
export const showToast = (notice: ToastNotice): void => {
  window.dispatchEvent(new CustomEvent<ToastNotice>(CHANNEL, { detail: notice }));
};

/* Fetched with the first notice, like the dialogs. */
const ToastCard = lazy(() => import("./toast-card"));

/** The place where toasts appear; once, in the shell. */
export function Toaster() {
  const [notice, setNotice] = useState<(ToastNotice & { id: number }) | null>(null);
  useEffect(() => {
    let id = 0;
    const show = (event: Event) => setNotice({ ...(event as CustomEvent<ToastNotice>).detail, id: ++id });
    window.addEventListener(CHANNEL, show);
    return () => window.removeEventListener(CHANNEL, show);
  }, []);
  return notice ? (
    <Suspense fallback={null}>
      <ToastCard key={notice.id} notice={notice} onClose={() => setNotice(null)} />
    </Suspense>
  ) : null;
}
