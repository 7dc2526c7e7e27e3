import { z } from "zod";
import rows from "./reviews.json" with { type: "json" };

const Review = z.strictObject({
  host: z.string(),
  reviewer: z.string().nullable(),
  reviewedOn: z.iso.date().nullable(),
  reviewedUntil: z.iso.date().nullable(),
});
type Review = z.infer<typeof Review>;

/** Who looked at each host's terms and robots.txt, when, and until when that holds. Signing is a commit to `reviews.json`. */
export const REVIEWS: readonly Review[] = z.array(Review).parse(rows);

/** Until when a host may be asked, or null when nobody has signed for it: no name, no date, no scraping. */
export function reviewedUntil(host: string, reviews: readonly Review[] = REVIEWS): Date | null {
  const review = reviews.find((each) => each.host === host);
  if (!review?.reviewer || !review.reviewedOn || !review.reviewedUntil) return null;
  return new Date(`${review.reviewedUntil}T23:59:59Z`);
}
