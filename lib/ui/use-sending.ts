"use client";
import { useEffect, useState } from "react";

/** Whether a plain form is on its way. A page that the browser brings back with its back button is not sending any more. */
export function useSending(): [isSending: boolean, setSending: (isSending: boolean) => void] {
  const [isSending, setSending] = useState(false);
  useEffect(() => {
    const rest = () => setSending(false);
    window.addEventListener("pageshow", rest);
    return () => window.removeEventListener("pageshow", rest);
  }, []);
  return [isSending, setSending];
}
