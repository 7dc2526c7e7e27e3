import { type App, Stack } from "aws-cdk-lib";
import { Certificate, CertificateValidation } from "aws-cdk-lib/aws-certificatemanager";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { HostedZone } from "aws-cdk-lib/aws-route53";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { CfnWebACLAssociation } from "aws-cdk-lib/aws-wafv2";
import type { Construct } from "constructs";
import type { BaseStack } from "../base-stack";
import { type Shape, sizeOf } from "../settings";
import { alarmsTo } from "../watch/alarm";
import { certificateAlarm, firewallAlarms } from "../watch/edge-alarms";
import { edgeLogs } from "./edge-logs";
import { Firewall } from "./firewall";

/** The only region in which CloudFront, and Amplify which is served by it, look for certificates and firewalls. */
const EDGE_REGION = "us-east-1";

/** What CloudFront needs in its own region: the firewall, the certificate and the logs of both. */
export class EdgeStack extends Stack {
  readonly firewall: Firewall;
  readonly logs: Bucket;
  /** Null in the shape web=amplify, which manages its own. */
  readonly certificate: Certificate | null;

  /** `amplifyAppArn`: the app to put the firewall before; CloudFront is told about it by its distribution. */
  constructor(
    scope: App,
    id: string,
    { shape, base, amplifyAppArn }: { shape: Shape; base: BaseStack; amplifyAppArn?: string },
  ) {
    super(scope, id, {
      env: { account: shape.account, region: EDGE_REGION },
      description: "Arrestra: firewall and certificate at the edge",
      terminationProtection: sizeOf(shape).deletionProtection,
      crossRegionReferences: shape.region !== EDGE_REGION,
    });
    this.logs = edgeLogs(this, shape);
    this.firewall = new Firewall(this, "Firewall", { logs: this.logs });
    const alarm = alarmsTo(this, shape.region === EDGE_REGION ? base.topics.alerts : edgeTopic(this, shape));
    firewallAlarms(alarm);
    if (amplifyAppArn) {
      new CfnWebACLAssociation(this, "BeforeAmplify", {
        resourceArn: amplifyAppArn,
        webAclArn: this.firewall.acl.attrArn,
      });
      this.certificate = null;
      return;
    }
    this.certificate = new Certificate(this, "Certificate", {
      domainName: shape.domain,
      subjectAlternativeNames: [`*.${shape.domain}`],
      validation: CertificateValidation.fromDns(
        HostedZone.fromHostedZoneAttributes(this, "Zone", {
          hostedZoneId: shape.hostedZoneId,
          zoneName: shape.domain,
        }),
      ),
    });
    certificateAlarm(alarm, "CertificateExpiring", this.certificate);
  }

  /** Where to put what has to be in the region of the edge and needs what another stack made: that stack, or one more where it is elsewhere. */
  beside(stack: Stack): Stack {
    if (stack.region === this.region) return stack;
    return new Stack(this.node.scope as App, "ArrestraEdgeLog", {
      env: { account: this.account, region: this.region },
      description: "Arrestra: access log of CloudFront",
      terminationProtection: stack.terminationProtection ?? false,
      crossRegionReferences: true,
    });
  }
}

/** An alarm can only tell a topic of its own region. */
function edgeTopic(scope: Construct, shape: Shape): Topic {
  const key = new Key(scope, "TopicKey", { enableKeyRotation: true });
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:SourceAccount": shape.account } },
    }),
  );
  const topic = new Topic(scope, "Alerts", { masterKey: key, enforceSSL: true, displayName: "Arrestra alarms" });
  topic.addSubscription(new EmailSubscription(shape.alertEmail));
  return topic;
}
