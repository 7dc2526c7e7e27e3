import type { Metadata } from "next";
import Link from "next/link";
import { CRM_FACT_NAMES, CRM_FACTS, type CrmMappingPage } from "@/lib/contracts/connections";
import { AppError } from "@/lib/core/errors";
import type { Ctx } from "@/lib/domain/context/ctx";
import { mayDo } from "@/lib/domain/context/permissions";
import { getMapping } from "@/lib/domain/sync/zoho/mapping";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { buttonClass } from "@/lib/ui/button";
import { CrmMappingForm } from "@/lib/ui/crm-mapping-form";
import { PageHead } from "@/lib/ui/page-head";
import { Empty, ErrorState } from "@/lib/ui/states";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Zoho CRM fields · ${(await findFirmOfRequest()).name}`,
});

/** Which field of Zoho CRM holds what of a lead, and whose word counts. */
export default async function ZohoFieldsPage() {
  const { ctx } = await loadSession("/settings/connections/zoho");
  return (
    <>
      <PageHead title="Zoho CRM fields" />
      {mayDo(ctx, "connections:manage") ? (
        <Mapping found={await findMapping(ctx)} />
      ) : (
        <Empty title="Owners and admins manage the fields">
          Ask one of them to change what is written to Zoho CRM.
        </Empty>
      )}
    </>
  );
}

type Found = { mapping: CrmMappingPage } | { failure: "not_connected" | "no_answer" };

const toConnections = (
  <Link className={buttonClass()} href="/settings/connections">
    Go to connections
  </Link>
);

const FACTS = CRM_FACT_NAMES.map((fact) => ({ fact, ...CRM_FACTS[fact] }));

function Mapping({ found }: { found: Found }) {
  if ("mapping" in found) return <CrmMappingForm facts={FACTS} mapping={found.mapping} />;
  if (found.failure === "not_connected") {
    return (
      <Empty title="Zoho CRM is not connected" actions={toConnections}>
        Connect it first, or connect it again if its access ended. Then choose here which field holds what.
      </Empty>
    );
  }
  return (
    <ErrorState title="Zoho does not say which fields there are" action={toConnections}>
      It did not answer, or its credits for today are used up. What was chosen before still holds. Load this page again
      in a few minutes.
    </ErrorState>
  );
}

async function findMapping(ctx: Ctx): Promise<Found> {
  try {
    return { mapping: await getMapping(ctx) };
  } catch (error) {
    if (error instanceof AppError && error.code === "not_configured") return { failure: "not_connected" };
    if (error instanceof AppError && error.code === "vendor_unavailable") return { failure: "no_answer" };
    throw error;
  }
}
