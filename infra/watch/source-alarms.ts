import { Duration } from "aws-cdk-lib";
import type { Scraper } from "../run/scraper";
import type { alarmsTo } from "./alarm";
import { told } from "./metrics";

export function sourceAlarms(alarm: ReturnType<typeof alarmsTo>, { handler, missed, everyMinutes }: Scraper): void {
  const period = Duration.minutes(everyMinutes);
  alarm("SourceFailing", {
    slug: "source-silent",
    says: "Three passes of the scrapers one after the other have failed for some court",
    metric: handler.metricErrors({ period, statistic: "Sum" }),
    above: 0,
    periods: 3,
  });
  // A pass that reads a part has not failed. A page away for a moment is asked again within the hour.
  alarm("SourceDrift", {
    slug: "court-page-changed",
    says: "Runs of some court have read only a part of what they found, two hours one after the other",
    metric: told("SourceRunsPartial", "Sum", Duration.hours(1)),
    above: 0,
    periods: 2,
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
