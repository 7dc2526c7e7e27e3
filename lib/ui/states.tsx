import type { ReactNode } from "react";
import { Icon } from "./icons";

type EmptyProps = { title: string; children: ReactNode; steps?: readonly string[]; actions?: ReactNode };

/** Nothing to show: says what will happen and when, or names the smallest step back. */
export function Empty({ title, children, steps, actions }: EmptyProps) {
  return (
    <div className="max-w-[560px] px-6 py-[26px] phone:px-[18px] phone:py-[22px]">
      <h2 className="text-16 font-head tracking-[-0.01em]">{title}</h2>
      <p className="mt-1 mb-3.5 text-ink-2">{children}</p>
      {steps ? (
        <ol className="mb-4 grid list-decimal gap-1.5 pl-5 text-ink-2 marker:text-ink-3">
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      ) : null}
      {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
    </div>
  );
}

type ErrorStateProps = {
  title: string;
  children: ReactNode;
  action?: ReactNode;
  requestId?: string | undefined;
  at?: string;
};

/** Something failed: what, what is safe, what to do, and the id that support asks for. */
export function ErrorState({ title, children, action, requestId }: ErrorStateProps) {
  return (
    <div role="alert" className="max-w-[560px] px-6 py-[26px] phone:px-[18px] phone:py-[22px]">
      <h2 className="text-16 font-head tracking-[-0.01em]">{title}</h2>
      <p className="mt-1 mb-3.5 text-ink-2">{children}</p>
      {action}
      {requestId ? <p className="ref mt-3.5 text-12 text-ink-3">Request {requestId}</p> : null}
    </div>
  );
}

type PartialProps = { title: string; children: ReactNode; isError?: boolean; link?: ReactNode };

/** The page works, something is missing: the gap with its size and time. */
export function Partial({ title, children, isError = false, link }: PartialProps) {
  return (
    <div
      role="status"
      className={`flex items-start gap-2.5 border-b border-line px-gutter py-[9px] text-ink phone:flex-wrap ${isError ? "bg-danger-soft" : "bg-warm-soft"}`}
    >
      <Icon name="warn" className={`mt-0.5 ${isError ? "text-danger" : "text-warm"}`} />
      <p className="flex-1 phone:basis-4/5">
        <b className="font-emph">{title}</b> {children}
      </p>
      {link ? (
        <span className="ml-auto whitespace-nowrap phone:ml-[26px] [&>a]:-my-0.5 [&>a]:inline-flex [&>a]:min-h-6 [&>a]:items-center phone:[&>a]:my-0 phone:[&>a]:min-h-11">
          {link}
        </span>
      ) : null}
    </div>
  );
}

type ProblemPageProps = { title: string; children: ReactNode; meta: string };

/** A page for a problem: no shell, no firm's name, nothing revealed. */
export function ProblemPage({ title, children, meta }: ProblemPageProps) {
  return (
    <main
      id="main"
      className="max-w-[620px] px-6 py-7 phone:px-[18px] phone:py-[22px] [&_p]:mt-1.5 [&_p]:max-w-[60ch] [&_p]:text-ink-2"
    >
      <h1 className="text-20 font-head tracking-[-0.015em]">{title}</h1>
      {children}
      <div className="mt-5 text-12 text-ink-3">{meta}</div>
    </main>
  );
}
