import { readShape, type Shape } from "./settings";

const ANYWHERE = {
  domain: "arrestra.example",
  hostedZoneId: "Z0123456789EXAMPLE",
  account: "111122223333",
  alertEmail: "alarms@arrestra.example",
  mailFrom: "alerts@arrestra.example",
  imageTag: "0000000",
};
const AT_AMPLIFY = {
  databaseSecretArn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:arrestra/database-a1b2c3",
  ownerSecretArn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:arrestra/database-owner-a1b2c3",
  repository: "https://github.com/example/arrestra",
};

/** Both shapes in both sizes with made-up names, the greatest with SQS, for the synthesis without an account and for tests. */
export const EXAMPLES: readonly Shape[] = (["amplify", "ecs"] as const).flatMap((web) =>
  (["small", "production"] as const).map((size) =>
    readShape({
      ...ANYWHERE,
      ...(web === "amplify" ? AT_AMPLIFY : {}),
      web,
      size,
      queue: web === "ecs" && size === "production" ? "sqs" : "postgres",
      monthlyBudgetUsd: size === "small" ? 120 : 1500,
    }),
  ),
);
