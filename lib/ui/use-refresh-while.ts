"use client";
import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** How long to wait before each look, in ms: a check takes a second or two; one that takes longer is looked at when the reader comes back. */
const LOOKS_MS = [1500, 3000, 6000, 12_000, 24_000];

/** Reads the page again a few times while something is under way, less and less often. */
export function useRefreshWhile(isPending: boolean): void {
  const router = useRouter();
  useEffect(() => {
    if (!isPending) return;
    let timer: ReturnType<typeof setTimeout>;
    const lookAgain = (look: number) => {
      const waitMs = LOOKS_MS[look];
      if (waitMs === undefined) return;
      timer = setTimeout(() => {
        router.refresh();
        lookAgain(look + 1);
      }, waitMs);
    };
    lookAgain(0);
    return () => clearTimeout(timer);
  }, [isPending, router]);
}
