"use client";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Button } from "./button";
import { useKeys } from "./keys";
import { Modal } from "./modal";

const KEYS: readonly (readonly [keys: string[], what: string])[] = [
  [["J", "K"], "next and previous lead"],
  [["Enter"], "open the lead"],
  [["X"], "select the lead in the list"],
  [["Esc"], "clear the selection"],
  [["Q"], "qualify, on a lead’s page"],
  [["P"], "pass: dismiss with a reason, on a lead’s page"],
  [["/"], "search"],
  [["?"], "this list"],
];

const focusSearch = () => document.querySelector<HTMLInputElement>("#q")?.focus();

/** Keys that work everywhere: `/` for search, `?` for the list of keys. */
export function ShellKeys({ leadsHref }: { leadsHref: string }) {
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    if (window.location.hash === "#q") focusSearch();
    window.addEventListener("hashchange", focusSearch);
    return () => window.removeEventListener("hashchange", focusSearch);
  }, []);
  useKeys({
    "/": () => {
      if (document.querySelector("#q")) focusSearch();
      else router.push(`${leadsHref}#q`);
    },
    "?": () => setOpen(true),
  });
  return (
    <Modal
      isOpen={isOpen}
      onOpenChange={setOpen}
      title="Keys"
      description="Switch single keys off in your menu, bottom left."
    >
      <dl className="mt-4 grid grid-cols-[96px_1fr] gap-x-3 gap-y-2">
        {KEYS.map(([keys, what]) => (
          <div key={what} className="contents">
            <dt className="flex gap-1">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd className="text-ink-2">{what}</dd>
          </div>
        ))}
      </dl>
      <Button className="mt-5" onClick={() => setOpen(false)}>
        Close
      </Button>
    </Modal>
  );
}
