"use client";
import { type ReactNode, useRef } from "react";
import { buttonClass } from "./button";
import { Icon } from "./icons";
import { confirmFactor } from "./step-up";

/* A minute less than the ten that a factor counts for. */
const CONFIRMED_MS = 9 * 60_000;

type DownloadLinkProps = {
  href: string;
  /** More rows than may leave on a factor that was shown long ago. */
  isLarge: boolean;
  /** Until when the factor shown last counts. */
  freshUntil: string | null;
  children: ReactNode;
};

/** A file of our API. A large one asks for the second factor first, since a refusal would be a page of JSON. */
export function DownloadLink({ href, isLarge, freshUntil, children }: DownloadLinkProps) {
  const until = useRef(freshUntil ? Date.parse(freshUntil) : 0);
  return (
    <a
      href={href}
      download
      className={buttonClass()}
      onClick={async (event) => {
        if (!isLarge || Date.now() < until.current) return;
        event.preventDefault();
        if (!(await confirmFactor(event.currentTarget))) return;
        until.current = Date.now() + CONFIRMED_MS;
        window.location.assign(href);
      }}
    >
      <Icon name="download" />
      {children}
    </a>
  );
}
