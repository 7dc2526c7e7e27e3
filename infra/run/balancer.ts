import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { Certificate, CertificateValidation } from "aws-cdk-lib/aws-certificatemanager";
import { Peer, Port, SecurityGroup, SubnetType } from "aws-cdk-lib/aws-ec2";
import {
  type ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
  SslPolicy,
  TargetType,
} from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type { IHostedZone } from "aws-cdk-lib/aws-route53";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { WEB_PORT } from "../base/network";
import type { BaseStack } from "../base-stack";
import { type EcsShape, sizeOf } from "../settings";

/** The header by which the load balancer knows our CloudFront. */
export const ORIGIN_HEADER = "X-Arrestra-Origin";
/** How long the load balancer sends a task that is about to go no new requests and lets it end those it has; the task itself waits longer. */
export const DRAIN_SECONDS = 20;

/**
 * The load balancer, without a public address: CloudFront reaches it inside the network (a "VPC origin"), so there is no second door beside the
 * firewall. Whoever else is in the network, or points a distribution of this account at it, lacks the header and gets 403.
 */
export class Balancer extends Construct {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly targets: ApplicationTargetGroup;
  readonly listener: ApplicationListener;
  readonly certificate: Certificate;
  readonly originProof: Secret;

  constructor(scope: Construct, id: string, props: { shape: EcsShape; base: BaseStack; zone: IHostedZone }) {
    super(scope, id);
    const { shape, base, zone } = props;
    const { network, keys } = base;
    this.originProof = new Secret(this, "OriginProof", {
      description: "Arrestra: the header by which the load balancer knows CloudFront",
      encryptionKey: keys.secrets,
      removalPolicy: RemovalPolicy.DESTROY,
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
    });
    Validations.of(this.originProof).acknowledge({
      id: "AwsSolutions-SMG4",
      reason:
        "Both ends must change in one step, which is a deployment, not a clock: a rotation in between would lock CloudFront out. It guards nothing that is reachable from outside.",
    });
    this.certificate = new Certificate(this, "Certificate", {
      domainName: shape.domain,
      subjectAlternativeNames: [`*.${shape.domain}`],
      validation: CertificateValidation.fromDns(zone),
    });
    // From anywhere, which is nowhere but this network and CloudFront's way into it: the load balancer has no public address. CloudFront's own are a list
    // whose id differs by region and is looked up once, by whoever deploys (cloudFrontPrefixListId).
    const list = shape.cloudFrontPrefixListId;
    const callers = list ? Peer.prefixList(list) : Peer.anyIpv4();
    network.albSecurityGroup.addIngressRule(callers, Port.HTTPS, "CloudFront, from inside");
    Validations.of(network.albSecurityGroup).acknowledge({
      id: "AwsSolutions-EC23",
      reason: "The load balancer has no public address, and answers 403 without the header of our CloudFront.",
    });
    // The rules are the network's: neither load balancer nor service adds to them.
    this.loadBalancer = new ApplicationLoadBalancer(this, "LoadBalancer", {
      vpc: network.vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      internetFacing: false,
      securityGroup: SecurityGroup.fromSecurityGroupId(this, "Group", network.albSecurityGroup.securityGroupId, {
        mutable: false,
      }),
      dropInvalidHeaderFields: true,
      deletionProtection: sizeOf(shape).deletionProtection,
      idleTimeout: Duration.seconds(60),
    });
    Validations.of(this.loadBalancer).acknowledge({
      id: "AwsSolutions-ELB2",
      reason:
        "Its log writes whole addresses of pages, with secrets and names in them, and cannot leave them out. Nothing comes here but through CloudFront, whose log has each request without.",
    });
    this.targets = new ApplicationTargetGroup(this, "Web", {
      vpc: network.vpc,
      targetType: TargetType.IP,
      protocol: ApplicationProtocol.HTTP,
      port: WEB_PORT,
      deregistrationDelay: Duration.seconds(DRAIN_SECONDS),
      // 503 is "the database is away": such a task gets nothing new, but only after longer than the database needs to change over to its
      // standby, since a task put in its place would not find it either. A process that hangs is found by the task's own check.
      healthCheck: {
        path: "/api/health",
        healthyHttpCodes: "200",
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 10,
      },
    });
    this.listener = this.loadBalancer.addListener("Https", {
      port: 443,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [this.certificate],
      // TLS 1.3, and 1.2 with forward secrecy alone for CloudFront, which does not promise 1.3 towards origins.
      sslPolicy: SslPolicy.TLS13_RES,
      open: false,
      defaultAction: ListenerAction.fixedResponse(403, { contentType: "text/plain", messageBody: "Forbidden" }),
    });
    this.listener.addAction("FromCloudFront", {
      priority: 1,
      conditions: [ListenerCondition.httpHeader(ORIGIN_HEADER, [this.originProof.secretValue.unsafeUnwrap()])],
      action: ListenerAction.forward([this.targets]),
    });
  }
}
