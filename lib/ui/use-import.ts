"use client";
import { useEffect, useState } from "react";
import type { ImportDetail, ImportDto } from "@/lib/contracts/imports";
import { callApi } from "./api-client";
import { isWorking } from "./import-words";

const LOOK_EVERY_MS = 2000;

/**
 * An import, looked at again while a job is at work on it. `onEnd` hears when that is over; `take` puts in what a change of one's own answered. `isAway`: the last
 * look got no answer.
 */
export function useImport(given: ImportDto, onEnd: () => void) {
  const [look, setLook] = useState({ each: given, isAway: false });
  const [shown, setShown] = useState(given);
  if (shown !== given) {
    setShown(given);
    setLook({ each: given, isAway: false });
  }
  const { id } = given;
  const isWatching = isWorking(look.each);
  useEffect(() => {
    if (!isWatching) return;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const again = () => {
      timer = setTimeout(async () => {
        // A page that nobody looks at asks nothing.
        if (document.visibilityState === "visible") {
          const result = await callApi<ImportDetail>("GET", `/api/imports/${id}`);
          if (isOver) return;
          if (result.isOk) setLook({ each: result.data.import, isAway: false });
          else setLook((last) => ({ ...last, isAway: true }));
          if (result.isOk && !isWorking(result.data.import)) onEnd();
        }
        if (!isOver) again();
      }, LOOK_EVERY_MS);
    };
    again();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isWatching, id, onEnd]);
  return { ...look, take: (each: ImportDto) => setLook({ each, isAway: false }) };
}
