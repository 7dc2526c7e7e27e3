import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons";
import { Section } from "./section";

/** What the firm may do now, and what not, and why. Locked actions do not exist: there is nothing here to press. */
export function NowPanel() {
  return (
    <Section id="now" title="What you may do now">
      <div className="grid grid-cols-2 gap-x-7 gap-y-3.5 narrow:grid-cols-1">
        <Word icon="lock" title="Calls, texts and e-mail are locked">
          They stay locked until this person or their family contacts the firm, or an earlier client relationship is
          confirmed. A working number is not permission.
        </Word>
        <Word icon="refresh" title="A contact you were given may be checked">
          Add who gave it and why the firm may hold it. The check says whether a number or address works, and nothing
          more.
        </Word>
      </div>
      <p className="mt-3 text-12 text-ink-3 phone:text-13">
        Texas Penal Code 38.12; Disciplinary Rule 7.03. An arrest is not a conviction. Guidance, not legal advice.
      </p>
    </Section>
  );
}

function Word({ icon, title, children }: { icon: IconName; title: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[20px_minmax(0,1fr)] content-start gap-x-2 gap-y-0.5">
      <Icon name={icon} className="mt-0.5 text-ink-3" />
      <b className="font-strong">{title}</b>
      <p className="col-start-2 max-w-[62ch] text-ink-2">{children}</p>
    </div>
  );
}
