"use client";
import { useEffect } from "react";
import { type ApiResult, callApi } from "./api-client";

const EVERY_MS = 2000;

/**
 * Reads an address again every two seconds while `isWatching`; `onLook` hears each answer, and never one that comes after the end. `onLook` is the same function in every
 * render.
 */
export function useLookAgain<T>(path: string, isWatching: boolean, onLook: (result: ApiResult<T>) => void) {
  useEffect(() => {
    if (!isWatching) return;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const again = () => {
      timer = setTimeout(async () => {
        // A page that nobody looks at asks nothing.
        if (document.visibilityState === "visible") {
          const result = await callApi<T>("GET", path);
          if (isOver) return;
          onLook(result);
        }
        if (!isOver) again();
      }, EVERY_MS);
    };
    again();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [path, isWatching, onLook]);
}
