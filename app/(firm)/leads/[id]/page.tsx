import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { LAWFUL_BASES } from "@/lib/contracts/leads";
import { AppError } from "@/lib/core/errors";
import { listConsultations } from "@/lib/domain/bookings/list-consultations";
import type { Ctx } from "@/lib/domain/context/ctx";
import { mayDo } from "@/lib/domain/context/permissions";
import { listEvidence } from "@/lib/domain/leads/evidence/list-evidence";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { loadSession } from "@/lib/http/session";
import { ConsultationSection } from "@/lib/ui/consultation-section";
import { EvidencePanel } from "@/lib/ui/evidence-panel";
import { leadsHref, OPEN_LEADS } from "@/lib/ui/lead-query";
import { LeadView } from "@/lib/ui/lead-view";
import { readableName } from "@/lib/ui/readable";

type LeadPageProps = { params: Promise<{ id: string }> };

/* Title and page share one reading. Another firm's lead is as unknown as one that never was. */
const loadLead = cache(async (ctx: Ctx, id: string) => {
  try {
    return await getLeadDetail(ctx, id);
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: LeadPageProps): Promise<Metadata> {
  const { id } = await params;
  const { ctx, firm } = await loadSession(`/leads/${id}`);
  const { lead } = await loadLead(ctx, id);
  return { title: `${readableName(lead.name)} · ${firm.name}` };
}

/** One lead, with everything known of it. */
export default async function LeadPage({ params }: LeadPageProps) {
  const { id } = await params;
  const { ctx, firm } = await loadSession(`/leads/${id}`);
  const detail = await loadLead(ctx, id);
  const { consultations } = await listConsultations(ctx, { lead: id, state: [], limit: 100 });
  const { files } = await listEvidence(ctx, id);
  const now = ctx.clock.now().toISOString();
  return (
    <LeadView
      detail={detail}
      sourceLabel={detail.lead.source.startsWith("topics.") ? "TOPICs form" : "Record"}
      bases={LAWFUL_BASES}
      hotFrom={firm.hotFrom}
      listHref={leadsHref(OPEN_LEADS)}
      consultations={
        <ConsultationSection
          lead={{ id, name: detail.lead.name }}
          consultations={consultations}
          mayChange={mayDo(ctx, "leads:write")}
          timeZone={firm.timeZone}
          now={now}
        />
      }
      files={
        <EvidencePanel
          leadId={id}
          files={files}
          mayAdd={mayDo(ctx, "leads:write")}
          timeZone={detail.lead.timeZone}
          now={now}
        />
      }
      now={now}
    />
  );
}
