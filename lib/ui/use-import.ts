"use client";
import { useCallback, useState } from "react";
import type { ImportDetail, ImportDto } from "@/lib/contracts/imports";
import type { ApiResult } from "./api-client";
import { isWorking } from "./import-words";
import { useLookAgain } from "./use-look-again";

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
  const hear = useCallback(
    (result: ApiResult<ImportDetail>) => {
      if (result.isOk) setLook({ each: result.data.import, isAway: false });
      else setLook((last) => ({ ...last, isAway: true }));
      if (result.isOk && !isWorking(result.data.import)) onEnd();
    },
    [onEnd],
  );
  useLookAgain(`/api/imports/${given.id}`, isWorking(look.each), hear);
  return { ...look, take: (each: ImportDto) => setLook({ each, isAway: false }) };
}
