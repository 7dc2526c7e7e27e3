"use client";
import { useEffect, useRef, useState } from "react";
import type { LeadStatus } from "@/lib/core/lead-status";
import { Button } from "./button";
import { KeyCap } from "./key-cap";
import { useKeys } from "./keys";
import { rememberList } from "./list-memory";
import { StatusMenu } from "./status-menu";
import { useCheckContacts } from "./use-check-contacts";
import { type MovableLead, useMoveLeads } from "./use-move-leads";

const boxes = () => [...document.querySelectorAll<HTMLInputElement>(".list .row .ck")];
const rows = () => [...document.querySelectorAll<HTMLTableRowElement>(".list tr.row")];
const chosen = () => boxes().filter((box) => box.checked);
const leadOf = (box: HTMLInputElement): MovableLead => ({
  id: box.value,
  name: box.dataset.name ?? "",
  status: box.dataset.status as LeadStatus,
  version: Number(box.dataset.version),
});

type ListControlsProps = {
  listHref: string;
  listLabel: string;
  /** How many leads there are behind this first page; null on later pages, whose place in the whole is not known. */
  total: string | null;
  /** When the list was read: a newer reading may have other rows under the same boxes. */
  readAt: string;
};

/** The list's keys and the toolbar for selected leads. The rows stay plain HTML; this listens to their checkboxes. */
export function ListControls({ listHref, listLabel, total, readAt }: ListControlsProps) {
  const [selected, setSelected] = useState<MovableLead[]>([]);
  const { move, isMoving, dialog } = useMoveLeads(() => chosen().map(leadOf));
  const { check, isChecking } = useCheckContacts();

  const read = () => {
    const all = boxes();
    const leads = chosen().map(leadOf);
    const every = document.querySelector<HTMLInputElement>("[data-select-all]");
    if (every) {
      every.checked = all.length > 0 && leads.length === all.length;
      every.indeterminate = leads.length > 0 && leads.length < all.length;
    }
    setSelected(leads);
  };
  const selectAll = (isChosen: boolean) => {
    for (const box of boxes()) box.checked = isChosen;
    read();
  };

  useEffect(() => {
    const change = (event: Event) => {
      if (!(event.target instanceof HTMLInputElement) || !event.target.matches(".list .ck")) return;
      if (event.target.matches("[data-select-all]")) selectAll(event.target.checked);
      else read();
    };
    document.addEventListener("change", change);
    return () => document.removeEventListener("change", change);
  });
  const latestRead = useRef(read);
  latestRead.current = read;
  useEffect(() => {
    if (readAt) latestRead.current();
  }, [readAt]);
  useEffect(() => {
    rememberList({ href: listHref, label: listLabel, ids: boxes().map((box) => box.value), total });
  }, [listHref, listLabel, total]);

  const step = (by: 1 | -1) => {
    const all = rows();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = at < 0 ? all[0] : all[Math.min(all.length - 1, Math.max(0, at + by))];
    next?.querySelector<HTMLElement>(".nm a")?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    x: () => {
      const box = rows()
        .find((row) => row.contains(document.activeElement))
        ?.querySelector<HTMLInputElement>(".ck");
      if (!box) return;
      box.checked = !box.checked;
      read();
    },
    escape: () => selectAll(false),
  });

  const isBusy = isMoving || isChecking;
  return (
    <>
      <div
        role="toolbar"
        aria-label="Actions for selected leads"
        className="bulk fixed bottom-11 left-[calc(50%+96px)] z-20 -translate-x-1/2 items-center gap-1 rounded-float bg-raised p-1.5 whitespace-nowrap shadow-lift narrow:left-[calc(50%+26px)] phone:inset-x-2 phone:bottom-16 phone:translate-x-0 phone:overflow-x-auto"
      >
        <b className="pr-2 pl-2.5 font-strong" role="status">
          <span className="num">{selected.length}</span> selected
        </b>
        <StatusMenu from={[...new Set(selected.map((lead) => lead.status))]} onMove={move}>
          <Button kind="quiet" disabled={isBusy}>
            Status
          </Button>
        </StatusMenu>
        <Button kind="quiet" disabled={isBusy} onClick={() => void check(chosen().map((box) => box.value))}>
          Check contacts
        </Button>
        <span className="mx-1 h-[18px] w-px bg-line" />
        <Button kind="quiet" onClick={() => selectAll(false)}>
          Clear <KeyCap of="Esc" />
        </Button>
      </div>
      {dialog}
    </>
  );
}
