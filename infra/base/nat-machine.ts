import { Tags, Validations } from "aws-cdk-lib";
import {
  type CfnInstance,
  InstanceType,
  LaunchTemplate,
  type NatInstanceProviderV2,
  NatProvider,
  NatTrafficDirection,
  Peer,
  Port,
} from "aws-cdk-lib/aws-ec2";
import { ManagedPolicy } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

/** The smallest machine that carries calls of vendors and pulls of images. */
const TYPE = "t4g.nano";

/**
 * One machine instead of one gateway per zone. The trade: it costs a small part of one gateway, and while it or its zone is down no task reaches a
 * vendor, a court or AWS itself; pages that need none of these are served on, and jobs wait and are tried again. Somebody has to patch it: replace it
 * to take a newer image.
 */
export const natMachine = (): NatInstanceProviderV2 =>
  NatProvider.instanceV2({
    instanceType: new InstanceType(TYPE),
    defaultAllowedTraffic: NatTrafficDirection.OUTBOUND_ONLY,
    associatePublicIpAddress: true,
  });

/** What the CDK's machine lacks: a sealed disk, no door for stolen requests at its metadata, a way in for its keeper without a port. */
export class NatMachine extends Construct {
  constructor(scope: Construct, id: string, { provider, from }: { provider: NatInstanceProviderV2; from: string }) {
    super(scope, id);
    provider.connections.allowFrom(Peer.ipv4(from), Port.allTraffic(), "the way out of the private subnets");
    const template = new LaunchTemplate(this, "Template", { requireImdsv2: true });
    for (const machine of provider.gatewayInstances) {
      const raw = machine.node.defaultChild as CfnInstance;
      raw.launchTemplate = {
        launchTemplateId: template.launchTemplateId,
        version: template.latestVersionNumber,
      };
      raw.blockDeviceMappings = [
        {
          deviceName: "/dev/xvda",
          ebs: { encrypted: true, volumeType: "gp3", volumeSize: 8, deleteOnTermination: true },
        },
      ];
      machine.role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName("AmazonSSMManagedInstanceCore"));
      Tags.of(machine).add("Name", "arrestra-nat");
      Validations.of(machine).acknowledge(
        {
          id: "AwsSolutions-EC28",
          reason:
            "Its traffic is in the flow logs and in basic monitoring; readings by the minute cost more than what they would tell.",
        },
        { id: "AwsSolutions-EC29", reason: "It keeps nothing: a new one is made from the same lines." },
        {
          id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]",
          reason: "AWS's own policy for sessions without an open port; it gives no data of ours.",
        },
      );
    }
  }
}
