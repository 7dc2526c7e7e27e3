import { AcuityWorld } from "./acuity/world";
import { DnsZone } from "./dns/zone";
import { GoogleWorld } from "./google/world";
import { FaultQueue } from "./http/faults";
import { RateLimit } from "./http/rate";
import { RequestLog } from "./http/request-log";
import { FIRST_BALANCE } from "./kickbox/handler";
import { PostBox } from "./post/box";
import type { TopicsSite } from "./topics/site";
import { ZohoWorld } from "./zoho/world";
import { ZoomWorld } from "./zoom/world";

export const VENDORS = ["topics", "twilio", "kickbox", "acuity", "google", "zoom", "zoho", "mail", "texts"] as const;
export type Vendor = (typeof VENDORS)[number];
export const isVendor = (name: string | undefined): name is Vendor => VENDORS.includes(name as Vendor);

const ROBOTS = "User-agent: *\nAllow: /\nDisallow: /control/\n";

/** Everything that can be turned or read while the sandbox runs. */
export type SandboxParts = ReturnType<typeof makeParts>;

export function makeParts(site: TopicsSite) {
  const faults = ofEach(() => new FaultQueue());
  const rates = ofEach(() => new RateLimit());
  const worlds = { acuity: new AcuityWorld(), google: new GoogleWorld(), zoom: new ZoomWorld(), zoho: new ZohoWorld() };
  const boxes = { mail: new PostBox(), texts: new PostBox() };
  const robots = { status: 200, text: ROBOTS };
  const balance = { left: FIRST_BALANCE };
  const zone = new DnsZone();
  const log = new RequestLog();
  return {
    site,
    faults,
    rates,
    worlds,
    boxes,
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
      for (const world of Object.values(worlds)) world.reset();
      for (const box of Object.values(boxes)) box.reset();
      zone.clear();
      log.reset();
    },
  };
}

const ofEach = <T>(make: () => T): Record<Vendor, T> =>
  Object.fromEntries(VENDORS.map((vendor) => [vendor, make()])) as Record<Vendor, T>;
