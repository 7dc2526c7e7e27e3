"use client";
import { useEffect, useState } from "react";
import type { ExportDto, ExportPage } from "@/lib/contracts/exports";
import { callApi } from "./api-client";
import { changesInWords, isUnderWay } from "./export-words";

const LOOK_EVERY_MS = 2000;

type Look = { exports: readonly ExportDto[]; now: string; said: string; isAway: boolean };

/** The exports of a page, looked at again every two seconds while one of them is under way. `isAway`: the last look got no answer. */
export function useExports(given: readonly ExportDto[], readAt: string, query: string) {
  const [look, setLook] = useState<Look>({ exports: given, now: readAt, said: "", isAway: false });
  // What the server read later counts more, as after a removal.
  const [shown, setShown] = useState(given);
  if (shown !== given) {
    setShown(given);
    setLook({ exports: given, now: readAt, said: look.said, isAway: false });
  }
  const isWatching = look.exports.some(isUnderWay);
  useEffect(() => {
    if (!isWatching) return;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const again = () => {
      timer = setTimeout(async () => {
        // A page that nobody looks at asks nothing.
        if (document.visibilityState === "visible") {
          const result = await callApi<ExportPage>("GET", `/api/exports${query}`);
          if (isOver) return;
          const now = new Date().toISOString();
          setLook((last) =>
            result.isOk
              ? {
                  ...result.data,
                  now,
                  said: changesInWords(last.exports, result.data.exports) || last.said,
                  isAway: false,
                }
              : { ...last, now, isAway: true },
          );
        }
        if (!isOver) again();
      }, LOOK_EVERY_MS);
    };
    again();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isWatching, query]);
  return look;
}
