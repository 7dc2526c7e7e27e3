"use client";
import { type ComponentProps, lazy, type ReactElement } from "react";
import type { LeadStatus } from "@/lib/core/lead-status";
import { MenuOnDemand } from "./menu-on-demand";

export type StatusMenuProps = {
  /** The statuses the leads are in now: one on the lead's page, several in the list's toolbar. */
  from: readonly LeadStatus[];
  onMove: (to: LeadStatus) => void;
  /** Keys shown beside a move. */
  keyHints?: Partial<Record<LeadStatus, string>>;
  /** The trigger: one button. */
  children: ReactElement<ComponentProps<"button">>;
};

const prepare = () => import("./status-moves");
const StatusMoves = lazy(prepare);

/** Where a lead may go: allowed moves first, the others still visible with the reason. */
export function StatusMenu(props: StatusMenuProps) {
  return (
    <MenuOnDemand trigger={props.children} prepare={prepare}>
      <StatusMoves {...props} />
    </MenuOnDemand>
  );
}
