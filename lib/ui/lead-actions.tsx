"use client";
import type { LeadStatus } from "@/lib/core/lead-status";
import { STATUS_MOVES } from "@/lib/core/lead-status";
import { Button } from "./button";
import { Icon } from "./icons";
import { KeyCap } from "./key-cap";
import { useKeys } from "./keys";
import { StatusMenu } from "./status-menu";
import { type MovableLead, useMoveLeads } from "./use-move-leads";

/** What can be done with this lead now: the next move as the primary button, every move in the menu. */
export function LeadActions({ lead }: { lead: MovableLead }) {
  const { move, isMoving, dialog } = useMoveLeads(() => [lead]);
  const may = (to: LeadStatus) => STATUS_MOVES[lead.status].includes(to);
  useKeys({
    q: () => may("qualified") && move("qualified"),
    p: () => may("dismissed") && move("dismissed"),
  });
  const isQualifying = may("qualified") && lead.status !== "mail_queued";
  return (
    <div className="flex items-center gap-2 phone:mt-1.5 phone:grid phone:grid-cols-2">
      {isQualifying ? (
        <Button kind="primary" disabled={isMoving} onClick={() => move("qualified")}>
          Qualify <KeyCap of="Q" />
        </Button>
      ) : null}
      <StatusMenu from={[lead.status]} onMove={move} keyHints={{ qualified: "Q", dismissed: "P" }}>
        <Button disabled={isMoving}>
          Move to…
          <Icon name="down" />
        </Button>
      </StatusMenu>
      {dialog}
    </div>
  );
}
