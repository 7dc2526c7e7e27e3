import { describe, expect, it } from "vitest";
import type { AlertsDto } from "@/lib/contracts/alerts";
import { AlertSettings } from "@/lib/ui/alert-settings";
import { markupOf, textOf } from "./render";

const alerts = (more: Partial<AlertsDto> = {}): AlertsDto => ({
  carrier: "aws",
  byMail: false,
  byText: false,
  email: "dana@smithlaw.example",
  phone: null,
  ...more,
});
const phone = (isConfirmed: boolean) => ({ ending: "0142", isConfirmed, codeUntil: null });
const view = (more?: Partial<AlertsDto>) => <AlertSettings alerts={alerts(more)} />;
const switches = (more?: Partial<AlertsDto>) =>
  [...markupOf(view(more)).matchAll(/<input[^>]*type="checkbox"[^>]*>/g)].map(([input]) => ({
    isOn: input.includes("checked"),
    isDisabled: input.includes("disabled"),
  }));

describe("the alerts of one's own account", () => {
  it("says where mail goes, and that texts wait for a phone", () => {
    const text = textOf(view());
    expect(text).toContain("By e-mail to dana@smithlaw.example");
    expect(text).toContain("By text message once your phone is confirmed");
    expect(text).toContain("No phone for texts yet. Add a phone");
    expect(switches()).toEqual([
      { isOn: false, isDisabled: false },
      { isOn: false, isDisabled: true },
    ]);
  });

  it("shows a phone by its end, and whether it was confirmed", () => {
    expect(textOf(view({ phone: phone(true), byText: true }))).toContain("Phone ending in 0142 , confirmed.");
    expect(switches({ phone: phone(true), byText: true })[1]).toEqual({ isOn: true, isDisabled: false });
    expect(textOf(view({ phone: phone(false) }))).toContain("not confirmed yet: it gets no texts. Confirm phone");
    expect(switches({ phone: phone(false) })[1]?.isDisabled).toBe(true);
  });

  it("says so where this house sends none, and lets nobody ask; what is on can still be turned off", () => {
    expect(textOf(view({ carrier: "off" }))).toContain("Alerts are not set up here yet");
    expect(textOf(view({ carrier: "off" }))).not.toContain("Add a phone");
    expect(switches({ carrier: "off" }).every(({ isDisabled }) => isDisabled)).toBe(true);
    expect(switches({ carrier: "off", byMail: true })[0]).toEqual({ isOn: true, isDisabled: false });
  });

  it("says that the sandbox stands in, only where it does", () => {
    expect(textOf(view({ carrier: "sandbox" }))).toContain("The local sandbox stands in for mail and phones");
    expect(textOf(view({ carrier: "sandbox" }))).toContain("on the pages Mail and Texts of the sandbox");
    expect(textOf(view())).not.toContain("sandbox");
  });

  it("names each choice and what it is told by, for who cannot see it", () => {
    const markup = markupOf(view({ phone: phone(true) }));
    for (const [, id] of markup.matchAll(/aria-describedby="([^"]+)"/g)) expect(markup).toContain(`id="${id}"`);
    expect(markup.match(/<label for="[^"]+"/g)).toHaveLength(2);
  });
});
