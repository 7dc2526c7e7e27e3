"use client";
import { useCallback, useState } from "react";
import type { ExportDto, ExportPage } from "@/lib/contracts/exports";
import type { ApiResult } from "./api-client";
import { changesInWords, isUnderWay } from "./export-words";
import { useLookAgain } from "./use-look-again";

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
  const take = useCallback((result: ApiResult<ExportPage>) => {
    const now = new Date().toISOString();
    setLook((last) =>
      result.isOk
        ? { ...result.data, now, said: changesInWords(last.exports, result.data.exports) || last.said, isAway: false }
        : { ...last, now, isAway: true },
    );
  }, []);
  useLookAgain(`/api/exports${query}`, look.exports.some(isUnderWay), take);
  return look;
}
