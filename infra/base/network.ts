import { RemovalPolicy } from "aws-cdk-lib";
import {
  FlowLogDestination,
  FlowLogMaxAggregationInterval,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  NatProvider,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { type Shape, sizeOf } from "../settings";
import type { Keys } from "./keys";
import { NatMachine, natMachine } from "./nat-machine";

const ADDRESSES = "10.20.0.0/16";

/** Where the web server listens in its task. */
export const WEB_PORT = 3000;

/**
 * The network: a public edge, private tasks with a way out, and a database without one. Who may speak to whom stands here, with groups as names:
 * CloudFront -> load balancer -> web -> database <- worker, and rotation of passwords -> database.
 */
export class Network extends Construct {
  readonly vpc: Vpc;
  /** Open at 443 alone, and to CloudFront's way in: the load balancer has no public address (run/balancer.ts). */
  readonly albSecurityGroup: SecurityGroup;
  readonly webSecurityGroup: SecurityGroup;
  /** Everything that works behind: job runner, scheduler, migrations. Nobody may call it. */
  readonly workerSecurityGroup: SecurityGroup;
  readonly databaseSecurityGroup: SecurityGroup;
  /** The function of Secrets Manager that changes the database's passwords. */
  readonly rotationSecurityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, { shape, keys }: { shape: Shape; keys: Keys }) {
    super(scope, id);
    const size = sizeOf(shape);
    const machine = size.nat === "instance" ? natMachine() : null;
    this.vpc = new Vpc(this, "Vpc", {
      ipAddresses: IpAddresses.cidr(ADDRESSES),
      maxAzs: size.zones,
      natGateways: machine ? 1 : size.zones,
      natGatewayProvider: machine ?? NatProvider.gateway(),
      // The group that everything without a group falls into lets nothing in or out.
      restrictDefaultSecurityGroup: true,
      subnetConfiguration: [
        { name: "public", subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: "private", subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        { name: "data", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      // Files and layers of images pass beside the NAT, for nothing.
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
    });
    if (machine) new NatMachine(this, "NatMachine", { provider: machine, from: ADDRESSES });
    this.vpc.addFlowLog("FlowLog", {
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, "FlowLogs", {
          encryptionKey: keys.logs,
          retention: size.logDays as RetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
      trafficType: FlowLogTrafficType[size.flowLogs],
      maxAggregationInterval: FlowLogMaxAggregationInterval.TEN_MINUTES,
    });

    const group = (name: string, description: string, allowAllOutbound: boolean) =>
      new SecurityGroup(this, name, { vpc: this.vpc, description, allowAllOutbound });
    this.albSecurityGroup = group("AlbSecurityGroup", "The load balancer", false);
    // Vendors, courts and AWS have no fixed addresses, so the way out is not fenced by address.
    this.webSecurityGroup = group("WebSecurityGroup", "Tasks that serve", true);
    this.workerSecurityGroup = group("WorkerSecurityGroup", "Tasks that work", true);
    this.databaseSecurityGroup = group("DatabaseSecurityGroup", "The database", false);
    this.rotationSecurityGroup = group("RotationSecurityGroup", "Changes passwords of the database", true);
    if (shape.web !== "ecs") return;
    this.webSecurityGroup.connections.allowFrom(this.albSecurityGroup, Port.tcp(WEB_PORT), "requests");
    for (const caller of [this.webSecurityGroup, this.workerSecurityGroup, this.rotationSecurityGroup]) {
      this.databaseSecurityGroup.connections.allowFrom(caller, Port.POSTGRES, "queries");
    }
  }
}
