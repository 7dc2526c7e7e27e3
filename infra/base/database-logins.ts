import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { SubnetType } from "aws-cdk-lib/aws-ec2";
import type { DatabaseInstance } from "aws-cdk-lib/aws-rds";
import { DatabaseSecret } from "aws-cdk-lib/aws-rds";
import { type ISecret, SecretRotation, SecretRotationApplication } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { type Shape, sizeOf } from "../settings";
import { DATABASE_NAME } from "./database";
import type { Keys } from "./keys";
import type { Network } from "./network";

/** Whatever has a meaning in an address: there the password stands. */
const NOT_IN_PASSWORDS = " %+~`#$&*()|[]{}:;<>?!'/@\"\\=,^._-";

/**
 * The logins of the app and of its migrations, in the form that Secrets Manager's own rotation reads: engine, host, port, dbname, username, password.
 * The roles are given these passwords once, by the task `bootstrap`, as the administrator; from then on each changes by itself.
 *
 * One user and not two by turns: a second would be a member of the first, and row-level security asks who one is, not what one is a member of. What is
 * connected stays connected; a process whose next connection is refused reads the secret again (lib/platform/secrets.ts).
 */
export class DatabaseLogins extends Construct {
  readonly app: ISecret;
  readonly owner: ISecret;

  constructor(
    scope: Construct,
    id: string,
    props: { shape: Shape; keys: Keys; network: Network; instance: DatabaseInstance },
  ) {
    super(scope, id);
    this.app = this.#login("App", "arrestra_app", props);
    this.owner = this.#login("Owner", "arrestra_owner", props);
  }

  #login(
    name: string,
    username: string,
    { shape, keys, network, instance }: { shape: Shape; keys: Keys; network: Network; instance: DatabaseInstance },
  ): ISecret {
    const login = new DatabaseSecret(this, name, {
      username,
      dbname: DATABASE_NAME,
      encryptionKey: keys.secrets,
      excludeCharacters: NOT_IN_PASSWORDS,
    });
    login.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const secret = login.attach(instance);
    new SecretRotation(this, `${name}Rotation`, {
      application: SecretRotationApplication.POSTGRES_ROTATION_SINGLE_USER,
      secret,
      target: instance,
      vpc: network.vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroup: network.rotationSecurityGroup,
      automaticallyAfter: Duration.days(sizeOf(shape).database.rotationDays),
      excludeCharacters: NOT_IN_PASSWORDS,
      // Not at once: the first deployment has no such role yet, and the rotation would fail.
      rotateImmediatelyOnUpdate: false,
    });
    return secret;
  }
}
