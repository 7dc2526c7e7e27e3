import { describe, expect, it } from "vitest";

import { JOBS } from "@/lib/contracts/jobs";
import { FILE_KEPT_MS as IMPORT_KEPT_MS } from "@/lib/domain/leads/imports/import-row";
import { FILE_KEPT_MS as EXPORT_KEPT_MS } from "@/lib/domain/reports/exports/export-row";
import { addressesOf } from "@/lib/platform/sqs-client";
import { queueUrlPrefix } from "../../infra/base/queues";
import { EXAMPLES } from "../../infra/examples";
import { readShape, sizeOf } from "../../infra/settings";
import {
  ALL_SHAPES,
  BY_RULES,
  type Resource,
  resourcesOf,
  type Synthesised,
  synthesise,
  synthesiseShape,
} from "./synth";

const DAY_MS = 86_400_000;
const BUCKET = "AWS::S3::Bucket";
const QUEUE = "AWS::SQS::Queue";
const TOPIC = "AWS::SNS::Topic";
const LOGS = "AWS::Logs::LogGroup";
const DATABASE = "AWS::RDS::DBInstance";

/** What of a resource must be there to say that it is sealed. */
const SEALED: Record<string, (properties: Resource["properties"]) => unknown> = {
  [BUCKET]: ({ BucketEncryption }) => BucketEncryption,
  [QUEUE]: ({ KmsMasterKeyId }) => KmsMasterKeyId,
  [TOPIC]: ({ KmsMasterKeyId }) => KmsMasterKeyId,
  [LOGS]: ({ KmsKeyId }) => KmsKeyId,
  [DATABASE]: ({ StorageEncrypted, KmsKeyId, SourceDBInstanceIdentifier }) =>
    SourceDBInstanceIdentifier ? KmsKeyId : StorageEncrypted && KmsKeyId,
  "AWS::SecretsManager::Secret": ({ KmsKeyId }) => KmsKeyId,
  "AWS::EFS::FileSystem": ({ Encrypted }) => Encrypted,
  "AWS::EC2::Instance": ({ BlockDeviceMappings }) =>
    (BlockDeviceMappings as { Ebs: { Encrypted: boolean } }[] | undefined)?.every(({ Ebs }) => Ebs.Encrypted),
};

const text = (value: unknown): string => JSON.stringify(value);
const names = (resources: readonly Resource[]): string[] => resources.map(({ name }) => name);

/** Those of the resources that no policy of that type speaks for, which refuses what comes without TLS. */
function withoutTls(all: Synthesised, type: string, policyType: string, field: string): string[] {
  const refusing = resourcesOf(all, policyType).filter(({ properties }) =>
    /"Bool":\{"aws:SecureTransport":"false"\},?[^}]*\}?,"Effect":"Deny"/.test(text(properties.PolicyDocument)),
  );
  return names(
    resourcesOf(all, type).filter(
      ({ id }) => !refusing.some(({ properties }) => text(properties[field]).includes(`"${id}"`)),
    ),
  );
}

/** A policy writes one resource without a list around it. */
const oneOrAll = <T>(all: readonly T[]): T | readonly T[] => (all.length === 1 ? (all[0] as T) : all);

describe.each(ALL_SHAPES)("the base of web=$web, size=$size", ({ web, size }) => {
  const all = synthesise(web, size);
  const numbers = sizeOf(all.shape);
  const [database] = resourcesOf(all, DATABASE);

  // Seen red with: the zones looked up.
  it("asks no account anything", () => {
    expect(all.lookups).toEqual([]);
  });

  // Seen red without: the key of the topic, of the queues, of the flow logs, of the database and of its logs, the sealed disk of the NAT machine,
  // the yearly change of a key.
  it("stores nothing unsealed", () => {
    const open = Object.entries(SEALED).flatMap(([type, isSealed]) =>
      resourcesOf(all, type).filter(({ properties }) => !isSealed(properties)),
    );
    expect(names(open)).toEqual([]);
    for (const { name, properties } of resourcesOf(all, "AWS::KMS::Key")) {
      expect(properties.EnableKeyRotation, name).toBe(true);
    }
  });

  // Seen red without: blockPublicAccess, versioned.
  it("closes every bucket to the public and keeps what is overwritten for a while", () => {
    const buckets = resourcesOf(all, BUCKET);
    expect(buckets.length).toBeGreaterThanOrEqual(6);
    const closed = {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    };
    for (const { name, properties } of buckets) {
      expect(properties.PublicAccessBlockConfiguration, name).toEqual(closed);
    }
    for (const { name, properties, policy } of buckets.filter(({ name }) => name.startsWith("ArrestraBase/"))) {
      expect(properties, name).toMatchObject({
        VersioningConfiguration: { Status: "Enabled" },
        OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      });
      expect(policy, name).toBe("Retain");
    }
  });

  // Seen red without: enforceSSL of the buckets, of the queues, of the topic.
  it("lets nobody at a bucket, a queue or a topic without TLS", () => {
    expect(withoutTls(all, BUCKET, "AWS::S3::BucketPolicy", "Bucket")).toEqual([]);
    expect(withoutTls(all, QUEUE, "AWS::SQS::QueuePolicy", "Queues")).toEqual([]);
    expect(withoutTls(all, TOPIC, "AWS::SNS::TopicPolicy", "Topics")).toEqual([]);
  });

  // Seen red without: the default retention.
  it("locks the heads of the audit chains for 400 days, in production also against the account's owner", () => {
    const locked = resourcesOf(all, BUCKET).filter(({ properties }) => properties.ObjectLockEnabled);
    expect(locked).toHaveLength(1);
    expect(locked[0]?.properties.ObjectLockConfiguration).toEqual({
      ObjectLockEnabled: "Enabled",
      Rule: { DefaultRetention: { Days: 400, Mode: size === "production" ? "COMPLIANCE" : "GOVERNANCE" } },
    });
  });

  // Seen red without: the statement WrittenOnce of either bucket.
  it.each([
    ["head", "BucketsAuditHeads", ["/*"]],
    [
      "certificate of an erased person and a restore's statement",
      "BucketsEvidence",
      ["/erasures/*", "/restore-statements/*"],
    ],
  ])(
    "takes a %s only where nothing lies: a newer version over it would be the one that is read",
    (_what, name, below) => {
      const bucket = resourcesOf(all, BUCKET).find(({ id }) => id.startsWith(name));
      const policies = resourcesOf(all, "AWS::S3::BucketPolicy").filter(
        ({ properties }) => text(properties.Bucket) === text({ Ref: bucket?.id }),
      );
      const statements = policies.flatMap(
        ({ properties }) => (properties.PolicyDocument as { Statement: Record<string, unknown>[] }).Statement,
      );
      expect(statements.filter(({ Sid }) => Sid === "WrittenOnce")).toEqual([
        {
          Sid: "WrittenOnce",
          Effect: "Deny",
          Principal: { AWS: "*" },
          Action: "s3:PutObject",
          Resource: oneOrAll(
            below.map((each) => ({ "Fn::Join": ["", [{ "Fn::GetAtt": [bucket?.id, "Arn"] }, each]] })),
          ),
          Condition: { Null: { "s3:if-none-match": "true" } },
        },
      ]);
    },
  );

  // Seen red without: the rule for imports/; with any origin allowed.
  it("forgets exports and imports, each well after the service does, and takes uploads from pages of its firms alone", () => {
    const [files] = resourcesOf(all, BUCKET).filter(({ properties }) => properties.CorsConfiguration);
    const { Rules } = (files?.properties.LifecycleConfiguration ?? { Rules: [] }) as {
      Rules: Record<string, unknown>[];
    };
    expect(Rules.map(({ Prefix, ExpirationInDays, Status }) => [Prefix, ExpirationInDays, Status])).toEqual([
      ["exports/", 2, "Enabled"],
      ["imports/", 14, "Enabled"],
    ]);
    const daysOf = (prefix: string) => Number(Rules.find(({ Prefix }) => Prefix === prefix)?.ExpirationInDays) * DAY_MS;
    expect(daysOf("exports/")).toBeGreaterThan(EXPORT_KEPT_MS);
    // The bucket counts from the upload, the service from the last thing done with it: seen red with two days.
    expect(daysOf("imports/")).toBeGreaterThanOrEqual(5 * IMPORT_KEPT_MS);
    expect(Rules.every(({ NoncurrentVersionExpiration }) => text(NoncurrentVersionExpiration).includes("1"))).toBe(
      true,
    );
    expect(files?.properties.CorsConfiguration).toMatchObject({
      CorsRules: [{ AllowedOrigins: [`https://*.${all.shape.domain}`], AllowedMethods: ["POST"] }],
    });
  });

  // Seen red without: the rule for firm-exports/, the rule for incoming/.
  it("forgets in time what a firm that leaves takes along and what was sent to be looked at, and no other evidence", () => {
    const rules = resourcesOf(all, BUCKET)
      .filter(({ id }) => id.startsWith("BucketsEvidence"))
      .flatMap(({ properties }) => (properties.LifecycleConfiguration as { Rules: Record<string, unknown>[] }).Rules)
      .filter(({ ExpirationInDays }) => ExpirationInDays !== undefined);
    expect(rules.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays])).toEqual([
      ["incoming/", 3],
      ["firm-exports/", 14],
    ]);
  });

  it("keeps files of leads by version, each sealed by itself, and takes forms from the firms' hosts alone", () => {
    const evidence = resourcesOf(all, BUCKET).find(({ id }) => id.startsWith("BucketsEvidence"))?.properties;
    expect(evidence).toMatchObject({
      VersioningConfiguration: { Status: "Enabled" },
      CorsConfiguration: {
        CorsRules: [{ AllowedOrigins: [`https://*.${all.shape.domain}`], AllowedMethods: ["POST"] }],
      },
    });
    expect(text(evidence?.BucketEncryption)).toContain('"BucketKeyEnabled":false');
    expect(text(evidence?.LifecycleConfiguration)).toContain('"NoncurrentDays":7');
  });

  // Seen red with: a rule that lets the world at the web server, another port of the load balancer; without: the closed default group.
  it("opens nothing to the world but 443 and 80 of the load balancer", () => {
    const groups = resourcesOf(all, "AWS::EC2::SecurityGroup");
    const isWorld = (rule: unknown) => /"(0\.0\.0\.0|::)\/0"/.test(text(rule));
    const inline = groups.flatMap(({ id, properties }) =>
      ((properties.SecurityGroupIngress ?? []) as Record<string, unknown>[]).map((rule) => ({ group: id, rule })),
    );
    const own = resourcesOf(all, "AWS::EC2::SecurityGroupIngress").map(({ properties }) => ({
      group: text(properties.GroupId),
      rule: properties,
    }));
    const open = [...inline, ...own].filter(({ rule }) => isWorld(rule));
    const allowed = open.filter(
      ({ group, rule }) =>
        /AlbSecurityGroup/.test(group) && rule.FromPort === rule.ToPort && [80, 443].includes(Number(rule.FromPort)),
    );
    expect(open).toEqual(allowed);
    expect(resourcesOf(all, "Custom::VpcRestrictDefaultSG")).toHaveLength(1);
  });

  it("spans as many zones as its size says, with a way out of that size", () => {
    const gateways = resourcesOf(all, "AWS::EC2::NatGateway");
    const machines = resourcesOf(all, "AWS::EC2::Instance");
    expect([gateways.length, machines.length]).toEqual(size === "production" ? [3, 0] : [0, 1]);
    expect(resourcesOf(all, "AWS::EC2::FlowLog")).toHaveLength(1);
  });

  // Seen red with: no more than its tries, without the time of the job.
  it("has a queue for each kind of job, with more than its tries and its time, and a place for what is dead", () => {
    const queues = resourcesOf(all, QUEUE).filter(({ name }) => name.includes("ArrestraBase/Queues"));
    const shown = queues.flatMap(({ properties }) => {
      const redrive = properties.RedrivePolicy as { maxReceiveCount: number } | undefined;
      return redrive ? [[redrive.maxReceiveCount, properties.VisibilityTimeout, properties.FifoQueue]] : [];
    });
    const wanted = Object.values(JOBS).map(({ attempts, timeoutMs }) => [attempts + 3, timeoutMs / 1000 + 60, true]);
    expect(shown.map(text).sort()).toEqual(wanted.map(text).sort());
    expect(queues).toHaveLength(2 * wanted.length);
    // Seen red with: another name of the queues of dead letters.
    const addresses = Object.keys(JOBS).flatMap((type) => Object.values(addressesOf(queueUrlPrefix(all.shape), type)));
    const names = queues.map(({ properties }) => properties.QueueName);
    expect(names.sort()).toEqual(addresses.map((address) => address.slice(address.lastIndexOf("/") + 1)).sort());
  });

  it("holds no secret's value in a template", () => {
    for (const { name, properties } of resourcesOf(all, "AWS::SecretsManager::Secret")) {
      expect(properties, name).not.toHaveProperty("SecretString");
      expect(properties, name).toHaveProperty("GenerateSecretString");
    }
    const templates = text([...all.stacks.values()].map((template) => template.toJSON()));
    expect(/"MasterUserPassword"|postgresql:\/\//.test(templates)).toBe(false);
  });

  if (web === "amplify") {
    it("makes no database: Amplify's servers stand in no network of ours, so it would have to be public", () => {
      expect(database).toBeUndefined();
      expect(text(all.base.toJSON())).not.toContain("AWS::RDS::");
    });
    return;
  }

  // Seen red with: publiclyAccessible, subnets that have a way out.
  it("keeps the database without an address or a way out", () => {
    expect(database?.properties.PubliclyAccessible).toBe(false);
    const out = resourcesOf(all, "AWS::EC2::Route").map(({ properties }) => text(properties.RouteTableId));
    const outward = resourcesOf(all, "AWS::EC2::SubnetRouteTableAssociation")
      .filter(({ properties }) => out.includes(text(properties.RouteTableId)))
      .map(({ properties }) => text(properties.SubnetId));
    expect(outward).toHaveLength(2 * numbers.zones);
    const [group] = resourcesOf(all, "AWS::RDS::DBSubnetGroup");
    const subnets = ((group?.properties.SubnetIds ?? []) as unknown[]).map(text);
    expect(subnets).toHaveLength(numbers.zones);
    expect(subnets.filter((subnet) => outward.includes(subnet))).toEqual([]);
  });

  // Seen red without: rds.force_ssl, log_parameter_max_length, deletionProtection, the parameter group; with: no backups.
  it("has a database that insists on TLS, logs no values, restores to any second, and refuses to be deleted", () => {
    const [parameters] = resourcesOf(all, "AWS::RDS::DBParameterGroup");
    const values = (parameters?.properties.Parameters ?? {}) as Record<string, string>;
    expect(values).toMatchObject({
      "rds.force_ssl": "1",
      log_parameter_max_length: "0",
      log_parameter_max_length_on_error: "0",
      log_statement: "none",
      log_error_verbosity: "terse",
    });
    for (const name of ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]) {
      expect(Number(values[name]), name).toBeGreaterThan(0);
    }
    expect(database?.properties).toMatchObject({
      DBParameterGroupName: { Ref: parameters?.id },
      BackupRetentionPeriod: size === "production" ? 35 : 7,
      MultiAZ: size === "production",
      DeletionProtection: true,
      EnablePerformanceInsights: true,
      CACertificateIdentifier: "rds-ca-rsa2048-g1",
      EnableCloudwatchLogsExports: ["postgresql", "upgrade"],
      ManageMasterUserPassword: true,
    });
    expect(database?.properties.PerformanceInsightsKMSKeyId).toBeDefined();
    expect(database?.policy).toBe("Snapshot");
  });

  // Seen red without: the rotation of the owner's login; with: a rotation at once.
  it("changes the passwords of both logins by itself, none of them at the first deployment", () => {
    const rotations = resourcesOf(all, "AWS::SecretsManager::RotationSchedule");
    expect(rotations).toHaveLength(2);
    expect(rotations.every(({ properties }) => properties.RotateImmediatelyOnUpdate === false)).toBe(true);
  });
});

// Seen red with: one of the two alone.
it("asks CloudFormation's rules about every kind of resource that any shape has", () => {
  const typesOf = (shapes: typeof ALL_SHAPES) =>
    new Set(
      shapes
        .flatMap(({ web, size }) => [...synthesise(web, size).stacks.values()])
        .flatMap((template) => Object.values(template.toJSON().Resources as Record<string, { Type: string }>))
        .map(({ Type }) => Type),
    );
  const checked = typesOf(ALL_SHAPES.filter(({ web, size }) => BY_RULES.includes(`${web}-${size}`)));
  expect([...typesOf(ALL_SHAPES)].filter((type) => !checked.has(type))).toEqual([]);
});

describe("what a deployment has when it is asked for", () => {
  const shape = EXAMPLES.find(({ web, size }) => web === "ecs" && size === "small");
  const collector = "https://collector.arrestra.example";
  const asked = { readReplica: "true", auditHeadsBuckets: "2", traceEndpoint: collector, traceShare: "0.5" };
  const all = synthesiseShape(readShape({ ...shape, ...asked }));
  const others = resourcesOf(all, "AWS::IAM::Policy", "AWS::ECS::TaskDefinition", "AWS::Lambda::Function");

  it("a replica that is as closed and as sealed", () => {
    const [replica] = resourcesOf(all, DATABASE).filter(({ properties }) => properties.SourceDBInstanceIdentifier);
    expect(replica?.properties).toMatchObject({ PubliclyAccessible: false, DeletionProtection: true });
    expect(replica?.properties.KmsKeyId).toBeDefined();
  });

  // Seen red with: the first bucket granted and named where there are two.
  it("a second bucket for heads of the audit chains, as locked as the first, which is kept and written to no more", () => {
    const heads = resourcesOf(all, BUCKET).filter(({ id }) => id.startsWith("BucketsAuditHeads"));
    expect(heads.map(({ policy }) => policy)).toEqual(["Retain", "Retain"]);
    expect(new Set(heads.map(({ properties }) => text(properties.ObjectLockConfiguration))).size).toBe(1);
    const once = resourcesOf(all, "AWS::S3::BucketPolicy")
      .filter(({ properties }) => text(properties).includes("WrittenOnce"))
      .map(({ properties }) => text(properties.Bucket));
    const users = (id: string) =>
      others.filter(({ properties }) => text(properties).includes(id)).map(({ name }) => name);
    for (const { id } of heads) {
      expect(once, id).toContain(text({ Ref: id }));
      // A role and a task each of the job runner and of an operator.
      expect(users(id), id).toHaveLength(id.startsWith("BucketsAuditHeads2") ? 4 : 0);
    }
  });

  // Seen red without: tracesOf of the web server; with: that of the jobs for an operator's task too.
  it("traces of web server and job runner, of nothing else, and no right for it", () => {
    const traced = others.filter(({ properties }) => text(properties).includes(collector));
    expect(traced.map(({ id }) => id.replace(/Task\w+$/, ""))).toEqual(["BackgroundWorker", "Web"]);
    for (const { properties } of traced)
      expect(text(properties)).toContain(text({ Name: "TRACE_SHARE", Value: "0.5" }));
    expect(() => readShape({ ...shape, traceEndpoint: "https://me:secret@collector.example" })).toThrow(
      "without a login",
    );
    expect(() => readShape({ ...shape, traceEndpoint: "collector" })).toThrow("https");
  });
});

describe("settings of a deployment", () => {
  const whole: Record<string, unknown> = { ...EXAMPLES.find(({ web }) => web === "ecs") };

  it("says in a sentence what is missing or wrong", () => {
    expect(() => readShape({ ...whole, domain: undefined })).toThrow(
      "  domain: is missing: the apex that firms get their subdomains of, such as arrestra.com",
    );
    expect(() => readShape({ ...whole, web: "lambda" })).toThrow("  web: must be amplify or ecs");
    expect(() => readShape({ ...whole, imageTag: "latest" })).toThrow(
      "  imageTag: must be a fixed tag: latest is not one build",
    );
    expect(() => readShape({ ...whole, domain: "https://arrestra.com" })).toThrow("  domain: must be a bare host");
    expect(() => readShape({ ...whole, repository: "https://example.com/x" })).toThrow(
      "  repository: belongs to the other shape, not to web=ecs",
    );
  });

  it("takes no notice of what is the CDK's own", () => {
    expect(readShape({ ...whole, "@aws-cdk/core:someFlag": true, monthlyBudgetUsd: "120" }).monthlyBudgetUsd).toBe(120);
  });
});
