import { DnsZone } from "./dns/zone";
import { FaultQueue } from "./http/faults";
import { RateLimit } from "./http/rate";
import { RequestLog } from "./http/request-log";
import { FIRST_BALANCE } from "./kickbox/handler";
import type { TopicsSite } from "./topics/site";

export const VENDORS = ["topics", "twilio", "kickbox"] as const;
export type Vendor = (typeof VENDORS)[number];
export const isVendor = (name: string | undefined): name is Vendor => VENDORS.includes(name as Vendor);

const ROBOTS = "User-agent: *\nAllow: /\nDisallow: /control/\n";

/** Everything that can be turned or read while the sandbox runs. */
export type SandboxParts = ReturnType<typeof makeParts>;

export function makeParts(site: TopicsSite) {
  const faults = { topics: new FaultQueue(), twilio: new FaultQueue(), kickbox: new FaultQueue() };
  const rates = { topics: new RateLimit(), twilio: new RateLimit(), kickbox: new RateLimit() };
  const robots = { status: 200, text: ROBOTS };
  const balance = { left: FIRST_BALANCE };
  const zone = new DnsZone();
  const log = new RequestLog();
  return {
    site,
    faults,
    rates,
    robots,
    balance,
    zone,
    log,
    /** As if it had just been started. */
    reset(): void {
      site.reset();
      for (const vendor of VENDORS) {
        faults[vendor].clear();
        rates[vendor].set(null);
      }
      Object.assign(robots, { status: 200, text: ROBOTS });
      balance.left = FIRST_BALANCE;
      zone.clear();
      log.reset();
    },
  };
}
