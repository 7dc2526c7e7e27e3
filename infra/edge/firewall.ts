import type { Bucket } from "aws-cdk-lib/aws-s3";
import { CfnLoggingConfiguration, CfnWebACL } from "aws-cdk-lib/aws-wafv2";
import { Construct } from "constructs";

type Statement = CfnWebACL.StatementProperty;

const NONE = [{ priority: 0, type: "NONE" }];
const startsWith = (path: string): Statement => ({
  byteMatchStatement: {
    fieldToMatch: { uriPath: {} },
    positionalConstraint: "STARTS_WITH",
    searchString: path,
    // As a server would read it, so that %61pi is no way around a rule.
    textTransformations: [
      { priority: 0, type: "URL_DECODE" },
      { priority: 1, type: "NORMALIZE_PATH" },
    ],
  },
});
const anyOf = (paths: readonly string[]): Statement =>
  paths.length === 1 ? startsWith(String(paths[0])) : { orStatement: { statements: paths.map(startsWith) } };
const isPost: Statement = {
  byteMatchStatement: {
    fieldToMatch: { method: {} },
    positionalConstraint: "EXACTLY",
    searchString: "POST",
    textTransformations: NONE,
  },
};

/** Where passwords, codes and links of invitations are tried. */
export const SIGN_IN_PATHS = ["/api/auth/", "/api/recover/", "/api/join", "/operator/session"] as const;
/** Where scrapers and programs of firms deliver. */
export const INGEST_PATHS = ["/api/leads/ingest", "/api/ingest/"] as const;

/**
 * Bodies that the managed rules would refuse for what they are: batches of county records up to 5 MB and lists of leads (longer than 8 kB, and a name or a charge
 * may look like markup or SQL), and answers of Google, Zoom and Zoho, whose query holds addresses. All of them carry an API key, a session or a
 * signature, have limits and strict shapes of their own, and are never put into a statement or a page as text.
 */
export const UNREAD_PATHS = [...INGEST_PATHS, "/api/imports", "/api/webhooks/", "/connect/"] as const;

/** Headers that hold a key, or, as the referer, the address of a page with what is in it. */
const SECRET_HEADERS = ["authorization", "cookie", "x-api-key", "x-goog-channel-token", "referer"];

/** Requests of one address in five minutes. An office of forty behind one address signs in well below the first. */
const SIGN_IN_LIMIT = 100;
const INGEST_LIMIT = 1000;

/** The firewall before CloudFront or Amplify: lists of AWS, and limits on what is worth trying often. The app's own limits are stricter, and count accounts and firms. */
export class Firewall extends Construct {
  readonly acl: CfnWebACL;

  constructor(scope: Construct, id: string, { logs }: { logs: Bucket }) {
    super(scope, id);
    const readable: Statement = { notStatement: { statement: anyOf(UNREAD_PATHS) } };
    this.acl = new CfnWebACL(this, "Acl", {
      name: "arrestra",
      scope: "CLOUDFRONT",
      defaultAction: { allow: {} },
      visibilityConfig: visible("Arrestra"),
      rules: [
        limit("SignInRate", 0, SIGN_IN_LIMIT, { andStatement: { statements: [isPost, anyOf(SIGN_IN_PATHS)] } }),
        limit("IngestRate", 1, INGEST_LIMIT, anyOf(INGEST_PATHS)),
        managed("IpReputation", 2, "AWSManagedRulesAmazonIpReputationList"),
        managed("KnownBadInputs", 3, "AWSManagedRulesKnownBadInputsRuleSet"),
        managed("Common", 4, "AWSManagedRulesCommonRuleSet", readable),
        managed("Sql", 5, "AWSManagedRulesSQLiRuleSet", readable),
      ],
    });
    new CfnLoggingConfiguration(this, "Logging", {
      resourceArn: this.acl.attrArn,
      logDestinationConfigs: [logs.bucketArn],
      redactedFields: [
        ...SECRET_HEADERS.map((name) => ({ singleHeader: { Name: name } })),
        // Links that open an account once, secrets of calendars, codes of vendors, names that were searched for.
        { uriPath: {} },
        { queryString: {} },
      ],
      // What was let through is in the log of CloudFront.
      loggingFilter: {
        DefaultBehavior: "DROP",
        Filters: [
          {
            Behavior: "KEEP",
            Requirement: "MEETS_ANY",
            Conditions: [{ ActionCondition: { Action: "BLOCK" } }, { ActionCondition: { Action: "COUNT" } }],
          },
        ],
      },
    }).node.addDependency(logs.policy ?? logs);
  }
}

const visible = (metricName: string) => ({
  cloudWatchMetricsEnabled: true,
  metricName,
  // Samples hold whole requests, cookies too.
  sampledRequestsEnabled: false,
});

function managed(name: string, priority: number, group: string, scopeDownStatement?: Statement) {
  return {
    name,
    priority,
    overrideAction: { none: {} },
    visibilityConfig: visible(name),
    statement: {
      managedRuleGroupStatement: {
        vendorName: "AWS",
        name: group,
        ...(scopeDownStatement ? { scopeDownStatement } : {}),
      },
    },
  } satisfies CfnWebACL.RuleProperty;
}

function limit(name: string, priority: number, perFiveMinutes: number, scopeDownStatement: Statement) {
  return {
    name,
    priority,
    // The word that our own limits use, so that a client tells a limit from a refusal.
    action: {
      block: { customResponse: { responseCode: 429, responseHeaders: [{ name: "Retry-After", value: "300" }] } },
    },
    visibilityConfig: visible(name),
    statement: {
      rateBasedStatement: {
        aggregateKeyType: "IP",
        limit: perFiveMinutes,
        evaluationWindowSec: 300,
        scopeDownStatement,
      },
    },
  } satisfies CfnWebACL.RuleProperty;
}
