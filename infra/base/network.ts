import { IpAddresses, Peer, Port, SecurityGroup, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";
import { type Shape, sizeOf } from "../settings";
import type { Keys } from "./keys";

/** The network: a public edge, private tasks, and a database without any way out. */
export class Network extends Construct {
  readonly vpc: Vpc;
  readonly albSecurityGroup: SecurityGroup;
  readonly webSecurityGroup: SecurityGroup;
  readonly workerSecurityGroup: SecurityGroup;
  readonly databaseSecurityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, { shape }: { shape: Shape; keys: Keys }) {
    super(scope, id);
    const { zones } = sizeOf(shape);
    this.vpc = new Vpc(this, "Vpc", {
      ipAddresses: IpAddresses.cidr("10.20.0.0/16"),
      maxAzs: zones,
      subnetConfiguration: [
        { name: "public", subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: "private", subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        { name: "data", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
    });
    const group = (name: string, description: string, allowAllOutbound: boolean) =>
      new SecurityGroup(this, name, { vpc: this.vpc, description, allowAllOutbound });
    this.albSecurityGroup = group("AlbSecurityGroup", "The load balancer", false);
    this.webSecurityGroup = group("WebSecurityGroup", "Tasks that serve", true);
    this.workerSecurityGroup = group("WorkerSecurityGroup", "Tasks that work", true);
    this.databaseSecurityGroup = group("DatabaseSecurityGroup", "The database", false);
    this.databaseSecurityGroup.addIngressRule(
      Peer.securityGroupId(this.webSecurityGroup.securityGroupId),
      Port.POSTGRES,
    );
  }
}
