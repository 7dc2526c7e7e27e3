"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { callApi, problemText } from "./api-client";
import { Button } from "./button";
import { showToast } from "./toast";

/** Has what was taken away or refused at another service written there once more. */
export function ConsultationWriteAgain({ id }: { id: string }) {
  const router = useRouter();
  const [isSending, setSending] = useState(false);

  const ask = async () => {
    setSending(true);
    const result = await callApi("POST", `/api/consultations/${id}/mirrors`);
    setSending(false);
    if (!result.isOk) return showToast({ kind: "error", text: problemText(result.problem) });
    showToast({ kind: "done", text: "On its way: look again in a moment" });
    router.refresh();
  };

  return (
    <Button disabled={isSending} onClick={() => void ask()}>
      Write it there again
    </Button>
  );
}
