import type { Metadata } from "next";
import { CONNECTING_PROBLEMS, type ConnectingProblem, type ConnectionList } from "@/lib/contracts/connections";
import { connectorLabel, isConnector } from "@/lib/core/connectors";
import { mayDo } from "@/lib/domain/context/permissions";
import { listConnections } from "@/lib/domain/tenants/connections/list-connections";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { ConnectionPanel } from "@/lib/ui/connection-panel";
import { Icon } from "@/lib/ui/icons";
import { PageHead } from "@/lib/ui/page-head";
import { Empty, Partial } from "@/lib/ui/states";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Connections · ${(await findFirmOfRequest()).name}`,
});

type Query = Record<string, string | string[] | undefined>;

/** What the firm has connected, how it does, and how to connect the rest. Whoever comes back from the other side reads here how it went. */
export default async function ConnectionsPage({ searchParams }: { searchParams: Promise<Query> }) {
  const { ctx, firm } = await loadSession("/settings/connections");
  if (!mayDo(ctx, "connections:manage")) {
    return (
      <>
        <PageHead title="Connections" />
        <Empty title="Owners and admins manage connections">
          Ask one of them to connect the firm’s booking page, calendar, video meetings or CRM.
        </Empty>
      </>
    );
  }
  const { services } = await listConnections(ctx);
  return (
    <>
      <PageHead title="Connections" />
      <ComingBack query={await searchParams} services={services} />
      {services.map((service) => (
        <ConnectionPanel
          key={service.provider}
          service={service}
          timeZone={firm.timeZone}
          now={ctx.clock.now().toISOString()}
        />
      ))}
    </>
  );
}

/* How it went on the other side. Somebody may have written the address by hand. */
function ComingBack({ query, services }: { query: Query } & Pick<ConnectionList, "services">) {
  const { problem, connected } = query;
  const made = services.find(({ provider, connection }) => provider === connected && connection?.state === "connected");
  if (made) {
    return (
      <p role="status" className="mt-3 flex items-center gap-2.5 bg-good-soft px-gutter py-[9px]">
        <Icon name="check" className="text-good" />
        <span className="font-emph">{connectorLabel(made.provider)} is connected.</span>
        <a href={`#${made.provider}`} className="ml-auto inline-flex min-h-6 items-center phone:min-h-11">
          Show it
        </a>
      </p>
    );
  }
  if (typeof problem !== "string" || !Object.hasOwn(CONNECTING_PROBLEMS, problem)) return null;
  const service = typeof query.service === "string" && isConnector(query.service) ? query.service : null;
  return (
    <div className="mt-3">
      <Partial isError title={service ? `${connectorLabel(service)} was not connected.` : "Nothing was connected."}>
        {CONNECTING_PROBLEMS[problem as ConnectingProblem]}
      </Partial>
    </div>
  );
}
