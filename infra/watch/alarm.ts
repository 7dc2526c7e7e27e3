import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { Slug } from "./slugs";

export type AlarmProps = {
  slug: Slug;
  /** What is wrong when it rings, in a sentence without its full stop. */
  says: string;
  metric: IMetric;
  above?: number;
  below?: number;
  /** How many periods it has to last. */
  periods: number;
  /** What no numbers mean: by itself nothing is wrong where nothing happens. */
  silenceIsBad?: boolean;
};

/** Makes alarms that tell one topic, and that it is over. Each says what is wrong and which page to open. */
export const alarmsTo = (scope: Construct, topic: ITopic) => (id: string, props: AlarmProps) => {
  const { slug, says, metric, above, below, periods } = props;
  const isBelow = below !== undefined;
  const alarm = new Alarm(scope, id, {
    alarmDescription: `${says}. See docs/runbooks/${slug}.md`,
    metric,
    threshold: isBelow ? below : (above ?? 0),
    comparisonOperator: isBelow ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    treatMissingData: props.silenceIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  alarm.addOkAction(new SnsAction(topic));
  return alarm;
};
