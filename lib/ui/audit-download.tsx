"use client";
import { buttonClass } from "./button";
import { Icon } from "./icons";
import { confirmFactor } from "./step-up";

type AuditDownloadProps = {
  href: string;
  /** More events than may leave on a factor that was shown long ago. */
  isLarge: boolean;
  /** Until when the factor shown last counts. */
  freshUntil: string | null;
};

/** The CSV of the filter. A large one asks for the second factor first: a refusal would be a page of JSON. */
export function AuditDownload({ href, isLarge, freshUntil }: AuditDownloadProps) {
  return (
    <a
      href={href}
      download
      className={buttonClass()}
      onClick={(event) => {
        if (!isLarge || (freshUntil && Date.parse(freshUntil) > Date.now())) return;
        event.preventDefault();
        void confirmFactor(event.currentTarget).then((isConfirmed) => {
          if (isConfirmed) window.location.assign(href);
        });
      }}
    >
      <Icon name="download" />
      <span className="phone:hidden">Download CSV</span>
      <span className="hidden phone:inline">CSV</span>
    </a>
  );
}
