import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { INGEST_PATHS, SIGN_IN_PATHS } from "../../infra/edge/firewall";
import { firstOf } from "./first-of";
import { ALL_SHAPES, resourcesOf, synthesise, synthesiseShape } from "./synth";

type Rule = { Name: string; Action?: { Block?: object }; Statement: Record<string, unknown> };
type Behavior = {
  PathPattern?: string;
  CachePolicyId: string;
  OriginRequestPolicyId?: string;
  ViewerProtocolPolicy: string;
  TargetOriginId: string;
};

/** CloudFront's own policies, by the ids that AWS gave them. */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3";

const text = (value: unknown): string => JSON.stringify(value);
const pathOf = (address: string) => new URL(`../../app/${address}`, import.meta.url);

describe.each(ALL_SHAPES)("the firewall at web=$web, size=$size", ({ web, size }) => {
  const all = synthesise(web, size);
  const acl = firstOf(all, "AWS::WAFv2::WebACL");
  const rules = acl.properties.Rules as Rule[];
  const rateOf = (name: string) =>
    rules.find(({ Name }) => Name === name)?.Statement.RateBasedStatement as
      | { Limit: number; AggregateKeyType: string; ScopeDownStatement: unknown }
      | undefined;

  // Seen red without: the rule for deliveries, the path /api/auth/.
  it("limits how often one address tries to sign in and delivers", () => {
    const signIn = rateOf("SignInRate");
    expect(signIn?.AggregateKeyType).toBe("IP");
    expect(signIn?.Limit).toBeLessThanOrEqual(100);
    for (const path of SIGN_IN_PATHS) expect(text(signIn?.ScopeDownStatement)).toContain(`"SearchString":"${path}"`);
    const form = readFileSync(new URL("../../lib/ui/login-form.tsx", import.meta.url), "utf8");
    const sentTo = /SIGN_IN = "([^"]+)"/.exec(form)?.[1] ?? "";
    expect(SIGN_IN_PATHS.some((path) => sentTo.startsWith(path))).toBe(true);
    const ingest = rateOf("IngestRate");
    for (const path of INGEST_PATHS) expect(text(ingest?.ScopeDownStatement)).toContain(`"SearchString":"${path}"`);
    expect(rules.filter(({ Action }) => Action && !Action.Block)).toEqual([]);
  });

  it("speaks of paths that the program has", () => {
    const pages = { "/operator/session": "(apex)/operator/session" } as Record<string, string>;
    const missing = [...SIGN_IN_PATHS, ...INGEST_PATHS].filter(
      (path) => !existsSync(pathOf(pages[path] ?? path.slice(1))),
    );
    expect(missing).toEqual([]);
  });

  // Seen red without: the scope of Common; the list of SQL.
  it("asks the lists of AWS, of which those that read bodies leave out what they would misread", () => {
    const groups = rules.flatMap(({ Statement }) => {
      const group = Statement.ManagedRuleGroupStatement as { Name: string; ScopeDownStatement?: unknown } | undefined;
      return group ? [{ name: group.Name, scope: text(group.ScopeDownStatement ?? null) }] : [];
    });
    expect(groups.map(({ name }) => name).sort()).toEqual([
      "AWSManagedRulesAmazonIpReputationList",
      "AWSManagedRulesCommonRuleSet",
      "AWSManagedRulesKnownBadInputsRuleSet",
      "AWSManagedRulesSQLiRuleSet",
    ]);
    for (const { name, scope } of groups) {
      const reads = /Common|SQLi/.test(name);
      expect(scope !== "null", name).toBe(reads);
      if (reads) for (const path of [...INGEST_PATHS, "/api/imports"]) expect(scope, name).toContain(path);
      for (const path of SIGN_IN_PATHS) expect(scope, name).not.toContain(path);
    }
  });

  // Seen red without: x-api-key, the referer, uriPath, queryString.
  it("stands before what is served, and keeps no key and no address of a page of what it refused", () => {
    const logging = firstOf(all, "AWS::WAFv2::LoggingConfiguration");
    expect(logging.properties.RedactedFields).toEqual([
      { SingleHeader: { Name: "authorization" } },
      { SingleHeader: { Name: "cookie" } },
      { SingleHeader: { Name: "x-api-key" } },
      { SingleHeader: { Name: "x-goog-channel-token" } },
      { SingleHeader: { Name: "referer" } },
      { UriPath: {} },
      { QueryString: {} },
    ]);
    expect(acl.properties.Scope).toBe("CLOUDFRONT");
    if (web === "amplify") {
      const before = firstOf(all, "AWS::WAFv2::WebACLAssociation");
      expect(text(before.properties.ResourceArn)).toContain("Amplify");
      expect(text(before.properties.WebACLArn)).toContain(acl.id);
      return;
    }
    const distribution = firstOf(all, "AWS::CloudFront::Distribution");
    expect(text((distribution.properties.DistributionConfig as { WebACLId: unknown }).WebACLId)).toContain(acl.id);
  });
});

describe.each(["small", "production"] as const)("the way in at web=ecs, size=%s", (size) => {
  const all = synthesise("ecs", size);
  const distribution = firstOf(all, "AWS::CloudFront::Distribution");
  const config = distribution.properties.DistributionConfig as {
    Aliases: string[];
    DefaultCacheBehavior: Behavior;
    CacheBehaviors: Behavior[];
    Origins: {
      Id: string;
      VpcOriginConfig?: object;
      OriginCustomHeaders?: { HeaderName: string; HeaderValue: unknown }[];
    }[];
    OriginGroups: { Items: { Id: string; Members: { Items: { OriginId: string }[] } }[] };
    ViewerCertificate: { MinimumProtocolVersion: string };
    Logging?: object;
  };
  const balancer = firstOf(all, "AWS::ElasticLoadBalancingV2::LoadBalancer");
  const listener = firstOf(all, "AWS::ElasticLoadBalancingV2::Listener");
  const attributes = (resource: typeof balancer, field: string) =>
    Object.fromEntries(
      (resource.properties[field] as { Key: string; Value: unknown }[]).map(({ Key, Value }) => [Key, Value]),
    );

  // Seen red with: CACHING_OPTIMIZED in the default behaviour, /_next/* in place of /_next/static/*.
  it("never keeps what belongs to a firm: nothing but files named after their contents", () => {
    expect(config.DefaultCacheBehavior.CachePolicyId).toBe(CACHING_DISABLED);
    const kept = config.CacheBehaviors.filter(({ CachePolicyId }) => CachePolicyId !== CACHING_DISABLED);
    expect(kept.map(({ PathPattern }) => PathPattern)).toEqual(["/_next/static/*"]);
  });

  // Seen red without: originRequestPolicy.
  it("hands on the host that the visitor asked for, through two proxies of which the server knows", () => {
    expect(config.DefaultCacheBehavior.OriginRequestPolicyId).toBe(ALL_VIEWER);
    const web = JSON.stringify(resourcesOf(all, "AWS::ECS::TaskDefinition").map(({ properties }) => properties));
    expect(web).toContain('{"Name":"TRUSTED_PROXY_HOPS","Value":"2"}');
    expect(web).not.toContain("TRUSTED_HOST_HEADER");
  });

  it("takes files of a build from the bucket, where old ones stay, and else from the server", () => {
    const group = config.OriginGroups.Items.find(({ Id }) => Id === config.CacheBehaviors[0]?.TargetOriginId);
    expect(group?.Members.Items.map(({ OriginId }) => OriginId)).toEqual(["assets", "web-static"]);
    // A policy that forwarded the visitor's Host would make the bucket refuse.
    expect(config.CacheBehaviors[0]?.OriginRequestPolicyId).toBeUndefined();
  });

  // Seen red with: ALLOW_ALL of the default behaviour, an older policy of TLS.
  it("speaks TLS on the whole way: plain HTTP is only ever sent to https", () => {
    for (const behavior of [config.DefaultCacheBehavior, ...config.CacheBehaviors]) {
      expect(behavior.ViewerProtocolPolicy).toBe("redirect-to-https");
    }
    expect(config.ViewerCertificate.MinimumProtocolVersion).toMatch(/^TLSv1\.[23]_20(2[1-9])$/);
    const origin = firstOf(all, "AWS::CloudFront::VpcOrigin");
    expect(origin.properties.VpcOriginEndpointConfig).toMatchObject({ OriginProtocolPolicy: "https-only" });
    const plain = resourcesOf(all, "AWS::ElasticLoadBalancingV2::Listener").filter(
      (each) => each.properties.Protocol !== "HTTPS",
    );
    expect(plain.filter((each) => !text(each.properties.DefaultActions).includes('"redirect"'))).toEqual([]);
    expect(listener.properties.SslPolicy).toMatch(/^ELBSecurityPolicy-TLS13-1-[23]-(Res-)?(PQ-)?20\d\d-\d\d$/);
  });

  // Seen red without: internetFacing false, the header in the rule, the default of 403.
  it("has no second door: the load balancer has no public address and refuses who does not come through CloudFront", () => {
    expect(balancer.properties.Scheme).toBe("internal");
    expect(listener.properties.DefaultActions).toMatchObject([{ FixedResponseConfig: { StatusCode: "403" } }]);
    expect(resourcesOf(all, "AWS::ElasticLoadBalancingV2::ListenerRule")).toHaveLength(1);
    const rule = firstOf(all, "AWS::ElasticLoadBalancingV2::ListenerRule");
    const [condition, ...others] = rule.properties.Conditions as {
      HttpHeaderConfig: { HttpHeaderName: string; Values: unknown[] };
    }[];
    expect(others).toEqual([]);
    const sent = config.Origins.filter(({ VpcOriginConfig }) => VpcOriginConfig).map(
      ({ OriginCustomHeaders }) => OriginCustomHeaders,
    );
    expect(sent).toHaveLength(2);
    for (const headers of sent) {
      expect(headers).toEqual([
        { HeaderName: condition?.HttpHeaderConfig.HttpHeaderName, HeaderValue: condition?.HttpHeaderConfig.Values[0] },
      ]);
    }
    expect(text(condition)).toContain("{{resolve:secretsmanager:");
  });

  it("drops broken headers, refuses to be deleted, and drains before a task has to be gone", () => {
    expect(attributes(balancer, "LoadBalancerAttributes")).toMatchObject({
      "routing.http.drop_invalid_header_fields.enabled": "true",
      "deletion_protection.enabled": "true",
    });
    const targets = firstOf(all, "AWS::ElasticLoadBalancingV2::TargetGroup");
    expect(targets.properties.HealthCheckPath).toBe("/api/health");
    const drain = Number(attributes(targets, "TargetGroupAttributes")["deregistration_delay.timeout_seconds"]);
    const web = resourcesOf(all, "AWS::ECS::TaskDefinition")
      .flatMap(({ properties }) => properties.ContainerDefinitions as { Name: string; StopTimeout: number }[])
      .find(({ Name }) => Name === "web");
    expect(drain).toBeLessThan(Number(web?.StopTimeout));
  });

  // Seen red with: cs-uri-stem among the fields, the log of the load balancer, the older log of CloudFront; without: the list of fields.
  it("logs who asked and what came of it, and no address of a page: those hold secrets, names and the firm", () => {
    expect(config.Logging).toBeUndefined();
    const kept = Object.keys(attributes(balancer, "LoadBalancerAttributes"));
    expect(kept.filter((key) => /^(access|connection|health_check)_logs/.test(key))).toEqual([]);
    const deliveries = resourcesOf(all, "AWS::Logs::Delivery");
    expect(deliveries.map(({ properties }) => properties.RecordFields)).toEqual([
      [
        "date",
        "time",
        "x-edge-location",
        "x-edge-request-id",
        "c-ip",
        "cs-method",
        "cs-protocol",
        "cs-protocol-version",
        "cs(User-Agent)",
        "ssl-protocol",
        "sc-status",
        "cs-bytes",
        "sc-bytes",
        "time-taken",
        "time-to-first-byte",
        "x-edge-result-type",
        "x-edge-detailed-result-type",
      ],
    ]);
    const source = firstOf(all, "AWS::Logs::DeliverySource");
    expect(source.properties.LogType).toBe("ACCESS_LOGS");
    expect(text(source.properties.ResourceArn)).toContain(distribution.id);
    expect(deliveries[0]?.properties.DeliverySourceName).toBe(source.properties.Name);
    // It ends with the others: in a bucket whose logs do, which the service may write into.
    const { DestinationResourceArn } = firstOf(all, "AWS::Logs::DeliveryDestination").properties;
    expect(text(DestinationResourceArn)).toContain("Edge");
    const policies = resourcesOf(all, "AWS::S3::BucketPolicy").filter(({ name }) => name.startsWith("ArrestraEdge/"));
    expect(text(policies.map(({ properties }) => properties.PolicyDocument))).toContain("delivery.logs.amazonaws.com");
  });

  it("answers for the apex and every name below it, for which only Amazon issues certificates", () => {
    const { domain } = all.shape;
    expect(config.Aliases).toEqual([domain, `*.${domain}`]);
    const records = resourcesOf(all, "AWS::Route53::RecordSet").map(
      // The three that sign our mail are named by SES once it is asked.
      ({ properties: { Type, Name } }) => `${Type} ${typeof Name === "string" ? Name : "of the mail's key"}`,
    );
    expect(records.sort()).toEqual(
      [
        ...[`A ${domain}.`, `AAAA ${domain}.`, `A *.${domain}.`, `AAAA *.${domain}.`, `CAA ${domain}.`],
        ...Array(3).fill("CNAME of the mail's key"),
      ].sort(),
    );
    for (const { properties } of resourcesOf(all, "AWS::CertificateManager::Certificate")) {
      expect(properties).toMatchObject({
        DomainName: domain,
        SubjectAlternativeNames: [`*.${domain}`],
        ValidationMethod: "DNS",
      });
    }
  });
});

it("keeps firewall and certificate where CloudFront looks for them, with alarms of that region, wherever the rest runs", () => {
  const { shape } = synthesise("ecs", "small");
  if (shape.web !== "ecs") throw new Error("that is the other shape");
  const all = synthesiseShape({ ...shape, region: "us-west-2", cloudFrontPrefixListId: "pl-82a045eb" });
  // And the group of the load balancer names CloudFront, where it was told its list.
  expect(text(resourcesOf(all, "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"))).toContain("pl-82a045eb");
  const open = resourcesOf(all, "AWS::EC2::SecurityGroup").filter(({ properties }) =>
    text(properties.SecurityGroupIngress ?? []).includes("0.0.0.0/0"),
  );
  expect(open).toEqual([]);
  const inEdge = (type: string) => resourcesOf(all, type).filter(({ name }) => name.startsWith("ArrestraEdge/"));
  expect(inEdge("AWS::WAFv2::WebACL")).toHaveLength(1);
  expect(inEdge("AWS::CertificateManager::Certificate")).toHaveLength(1);
  const log = resourcesOf(all, "AWS::Logs::Delivery", "AWS::Logs::DeliverySource", "AWS::Logs::DeliveryDestination");
  expect(log.map(({ name }) => name.split("/")[0])).toEqual(["ArrestraEdgeLog", "ArrestraEdgeLog", "ArrestraEdgeLog"]);
  const [topic] = inEdge("AWS::SNS::Topic");
  expect(topic?.properties.KmsMasterKeyId).toBeTruthy();
  for (const { properties, name } of inEdge("AWS::CloudWatch::Alarm")) {
    expect(properties.AlarmActions, name).toEqual([{ Ref: topic?.id }]);
  }
});
