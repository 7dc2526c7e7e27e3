import { Duration } from "aws-cdk-lib";
import type { Scraper } from "../run/scraper";
import type { alarmsTo } from "./alarm";

export function sourceAlarms(alarm: ReturnType<typeof alarmsTo>, { handler, missed, everyMinutes }: Scraper): void {
  const period = Duration.minutes(everyMinutes);
  alarm("SourceFailing", {
    slug: "source-silent",
    says: "Three passes of the scrapers one after the other have failed for some court",
    metric: handler.metricErrors({ period, statistic: "Sum" }),
    above: 0,
    periods: 3,
  });
  alarm("SourceSilent", {
    slug: "source-silent",
    says: "The scrapers were not started for three of their times",
    metric: handler.metricInvocations({ period, statistic: "Sum" }),
    below: 1,
    periods: 3,
    silenceIsBad: true,
  });
  alarm("SourceMissed", {
    slug: "source-silent",
    says: "The clock could not start the scrapers",
    metric: missed.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: "Maximum" }),
    above: 0,
    periods: 1,
  });
}
