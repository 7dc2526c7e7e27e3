import { expect, it } from "vitest";
import { CreateFirm } from "@/lib/contracts/firms";
import { feedText } from "@/lib/domain/bookings/feed-text";

it("a calendar begins no line of its own with a firm's name, and no firm with such a name is made", () => {
  // Seen red without: the one line of the name, in feedText and in CreateFirm
  const lines = feedText("Smith\r\nATTACH:http://evil.example\rX:1\u2028Law", []).split(/[\r\n\u2028]+/);
  expect(lines.filter((line) => /^(ATTACH|X:|Law)/.test(line))).toEqual([]);
  expect(CreateFirm.shape.name.safeParse("Smith\r\nLaw").success).toBe(false);
  expect(CreateFirm.shape.name.safeParse("Smith & Söhne").success).toBe(true);
});
