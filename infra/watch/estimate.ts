import { UNITS } from "@/lib/core/metric-names";
import { INTERVAL_MINUTES } from "../run/scraper";
import { type Shape, sizeOf } from "../settings";
import { HOURS_A_MONTH, PRICES, PRICES_AS_OF } from "./prices";

/** What one firm does in a month: guesses that the estimate stands on, to be replaced by what a bill says. */
const USE = {
  requestsMillion: 0.5,
  trafficGb: 20,
  /** Load balancer units, on average: a twentieth of one would carry the requests above. */
  balancerUnits: 0.1,
  logGb: 2,
  filesGb: 20,
  imagesGb: 5,
  /** Seconds that a pass of the scrapers takes. */
  passSeconds: 90,
  /** Seconds that Amplify's servers compute for one request, with half a GB. */
  requestSeconds: 0.2,
} as const;

/** What of these is in the templates, which the test counts. */
export type Counts = { alarms: number; keys: number; secrets: number; firewallRules: number; customMetrics: number };

/** US dollars a month by component, of list prices (prices.ts) and guessed use. What a managed Postgres of somebody else costs is not in it. */
export function estimateMonth(shape: Shape, counts: Counts): Record<string, number> {
  const size = sizeOf(shape);
  const isSmall = shape.size === "small";
  const spot = isSmall ? PRICES.fargateSpotShare : 1;
  const tasks = ({ cpu, memory, min }: typeof size.web) =>
    min * HOURS_A_MONTH * ((cpu / 1024) * PRICES.fargateVcpuHour + (memory / 1024) * PRICES.fargateGbHour);
  const address = PRICES.publicAddressHour * HOURS_A_MONTH;
  const nat =
    size.nat === "instance"
      ? PRICES.natMachineHour * HOURS_A_MONTH + 8 * PRICES.diskGb + address
      : size.zones * (PRICES.natGatewayHour * HOURS_A_MONTH + address) + USE.trafficGb * PRICES.natGatewayGb;
  const passes = (HOURS_A_MONTH * 60) / INTERVAL_MINUTES[shape.size];
  const common = {
    "job runner and scheduler": spot * (tasks(size.worker) + tasks(size.scheduler)),
    "way out of the network": nat,
    scrapers: passes * USE.passSeconds * (size.scraper.memory / 1024) * PRICES.lambdaGbSecond + PRICES.filesGb,
    keys: counts.keys * PRICES.keyMonth,
    secrets: counts.secrets * PRICES.secretMonth,
    firewall:
      PRICES.firewallMonth +
      counts.firewallRules * PRICES.firewallRuleMonth +
      USE.requestsMillion * PRICES.firewallMillion,
    "alarms and numbers": counts.alarms * PRICES.alarmMonth + counts.customMetrics * PRICES.metricMonth,
    logs: USE.logGb * PRICES.logGb,
    "files and images": USE.filesGb * PRICES.storageGb + USE.imagesGb * PRICES.imageGb,
  };
  return rounded(shape.web === "ecs" ? { ...web(shape), ...common } : { ...amplify(), ...common });

  function web({ size: name }: Shape): Record<string, number> {
    const { instance, storageGb, multiAz } = size.database;
    const machine = PRICES.databaseHour[instance];
    if (machine === undefined) throw new Error(`prices.ts has no database ${instance} for the size ${name}.`);
    return {
      "web server": tasks(size.web),
      "load balancer": HOURS_A_MONTH * (PRICES.loadBalancerHour + USE.balancerUnits * PRICES.loadBalancerUnitHour),
      database: (multiAz ? 2 : 1) * (machine * HOURS_A_MONTH + storageGb * PRICES.databaseGb),
      CloudFront: USE.trafficGb * PRICES.cdnGb + USE.requestsMillion * 100 * PRICES.cdnTenThousand,
      "names of the domain": PRICES.zoneMonth,
    };
  }

  function amplify(): Record<string, number> {
    const seconds = USE.requestsMillion * 1e6 * USE.requestSeconds * 0.5;
    return {
      Amplify:
        (seconds / 3600) * PRICES.amplifyGbHour +
        USE.requestsMillion * PRICES.amplifyMillion +
        USE.trafficGb * PRICES.amplifyGb +
        PRICES.amplifyFirewallMonth,
      "names of the domain": PRICES.zoneMonth,
    };
  }
}

const rounded = (costs: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(costs).map(([name, usd]) => [name, Math.round(usd * 100) / 100]));

/** What is counted from the templates of a deployment. */
export function countsOf(
  templates: readonly { Resources?: Record<string, { Type: string; Properties?: object }> }[],
): Counts {
  const all = templates.flatMap(({ Resources }) => Object.values(Resources ?? {}));
  const count = (type: string) => all.filter(({ Type }) => Type === type).length;
  const rules = all
    .filter(({ Type }) => Type === "AWS::WAFv2::WebACL")
    .map(({ Properties }) => (Properties as { Rules: unknown[] }).Rules.length);
  return {
    alarms: count("AWS::CloudWatch::Alarm"),
    keys: count("AWS::KMS::Key"),
    // And the administrator's, which RDS makes.
    secrets: count("AWS::SecretsManager::Secret") + count("AWS::RDS::DBInstance"),
    firewallRules: rules.reduce((sum, each) => sum + each, 0),
    // Those of lib/platform/metrics.ts, and each filter's.
    customMetrics: Object.keys(UNITS).length + count("AWS::Logs::MetricFilter"),
  };
}

/** The estimate in lines, for a terminal. */
export function estimateLines(costs: Record<string, number>): string[] {
  const sum = Object.values(costs).reduce((total, usd) => total + usd, 0);
  return [
    ...Object.entries(costs)
      .sort(([, a], [, b]) => b - a)
      .map(([name, usd]) => `  ${usd.toFixed(2).padStart(8)} ${name}`),
    `  ${sum.toFixed(2).padStart(8)} US dollars a month, by list prices (${PRICES_AS_OF}) and guessed use, not measured`,
  ];
}
