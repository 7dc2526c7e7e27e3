import type { Metadata } from "next";
import { mayDo } from "@/lib/domain/context/permissions";
import { listDomains } from "@/lib/domain/tenants/domains";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { DomainPanel } from "@/lib/ui/domain-panel";
import { PageHead } from "@/lib/ui/page-head";
import { Empty } from "@/lib/ui/states";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Domains · ${(await findFirmOfRequest()).name}`,
});

/** Where the firm's pages answer: its address with us, and domains of its own. */
export default async function DomainsPage() {
  const { ctx, firm } = await loadSession("/settings/domains");
  return (
    <>
      <PageHead title="Domains" />
      {mayDo(ctx, "domains:manage") ? (
        <DomainPanel
          domains={await listDomains(ctx)}
          thisHost={firm.host}
          timeZone={firm.timeZone}
          now={ctx.clock.now().toISOString()}
        />
      ) : (
        <Empty title="Owners and admins manage domains">Ask one of them to add or remove an address of the firm.</Empty>
      )}
    </>
  );
}
