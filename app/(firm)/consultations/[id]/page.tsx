import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { AppError } from "@/lib/core/errors";
import { getConsultation } from "@/lib/domain/bookings/get-consultation";
import type { Ctx } from "@/lib/domain/context/ctx";
import { mayDo } from "@/lib/domain/context/permissions";
import { loadSession } from "@/lib/http/session";
import { ConsultationView } from "@/lib/ui/consultation-view";
import { readableName } from "@/lib/ui/readable";

type ConsultationPageProps = { params: Promise<{ id: string }> };

/* Title and page share one reading. Another firm's consultation is as unknown as one that never was. */
const load = cache(async (ctx: Ctx, id: string) => {
  try {
    return await getConsultation(ctx, id);
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: ConsultationPageProps): Promise<Metadata> {
  const { id } = await params;
  const { ctx, firm } = await loadSession(`/consultations/${id}`);
  const { leadName } = await load(ctx, id);
  return { title: `Consultation with ${readableName(leadName)} · ${firm.name}` };
}

/** One consultation, with everything known of it and what can be done. */
export default async function OneConsultationPage({ params }: ConsultationPageProps) {
  const { id } = await params;
  const { ctx, firm } = await loadSession(`/consultations/${id}`);
  return (
    <ConsultationView
      consultation={await load(ctx, id)}
      mayChange={mayDo(ctx, "leads:write")}
      timeZone={firm.timeZone}
      now={ctx.clock.now().toISOString()}
    />
  );
}
