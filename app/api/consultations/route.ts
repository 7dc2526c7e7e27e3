import { BookConsultation, ConsultationDto, ConsultationPage, ConsultationQuery } from "@/lib/contracts/consultations";
import { readLeadSearch } from "@/lib/contracts/lead-search";
import { bookConsultation } from "@/lib/domain/bookings/book-consultation";
import { listConsultations } from "@/lib/domain/bookings/list-consultations";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller(
  { permission: "leads:read", query: { schema: ConsultationQuery, read: readLeadSearch } },
  async (ctx, { query }) => respond(200, ConsultationPage, await listConsultations(ctx, query)),
);

export const POST = withCaller({ permission: "leads:write", body: BookConsultation }, async (ctx, { body }) =>
  respond(201, ConsultationDto, await bookConsultation(ctx, body)),
);

const refuse = otherMethods("GET", "POST");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
