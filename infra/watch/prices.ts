/**
 * List prices of us-east-1 in US dollars, without taxes, free tiers and discounts. From memory, not from a bill or a page that could be cited: check them against the
 * pricing pages of AWS before you rely on the sum. They are inputs of the estimate, which measures nothing.
 */
export const PRICES_AS_OF = "2026-11-22, from memory";

export const HOURS_A_MONTH = 730;

export const PRICES = {
  /** Fargate on ARM. */
  fargateVcpuHour: 0.03238,
  fargateGbHour: 0.00356,
  /** What a task on spare capacity costs of that. It moves; AWS promises up to 0.3. */
  fargateSpotShare: 0.4,
  loadBalancerHour: 0.0225,
  loadBalancerUnitHour: 0.008,
  publicAddressHour: 0.005,
  natGatewayHour: 0.045,
  natGatewayGb: 0.045,
  /** A t4g.nano. */
  natMachineHour: 0.0042,
  diskGb: 0.08,
  /** PostgreSQL by instance class, one zone. */
  databaseHour: {
    "t4g.small": 0.032,
    "m7g.large": 0.168,
    "m7g.xlarge": 0.337,
    "m7g.2xlarge": 0.674,
    "m7g.4xlarge": 1.348,
    "m7g.8xlarge": 2.696,
    "m7g.16xlarge": 5.391,
  } as Record<string, number>,
  databaseGb: 0.115,
  keyMonth: 1,
  secretMonth: 0.4,
  firewallMonth: 5,
  firewallRuleMonth: 1,
  firewallMillion: 0.6,
  /** Amplify charges for each app with a firewall (amplify-hosting issue 36, 2025-03-26). */
  amplifyFirewallMonth: 15,
  amplifyGbHour: 0.2,
  amplifyMillion: 0.3,
  amplifyGb: 0.15,
  cdnGb: 0.085,
  cdnTenThousand: 0.01,
  alarmMonth: 0.1,
  metricMonth: 0.3,
  logGb: 0.5,
  zoneMonth: 0.5,
  storageGb: 0.023,
  /** S3, a thousand requests: a list costs as much as a put. */
  filePutThousand: 0.005,
  fileGetThousand: 0.0004,
  /** KMS, ten thousand requests. */
  keyTenThousand: 0.03,
  imageGb: 0.1,
  lambdaGbSecond: 0.0000166667,
  filesGb: 0.3,
} as const;
