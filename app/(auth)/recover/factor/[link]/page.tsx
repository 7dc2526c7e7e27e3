import type { Metadata } from "next";
import { RecoverFactorForm } from "@/lib/ui/recover-factor-form";
import { type LinkPageProps, linkPage, linkTitle } from "../../../link-page";

export const generateMetadata = (): Promise<Metadata> => linkTitle("New authenticator");

/** Where a link for a new authenticator leads. */
export default function RecoverFactorPage(props: LinkPageProps) {
  return linkPage("factor", props, ({ link, holder: { firmName, email }, host }) => (
    <RecoverFactorForm {...{ link, firmName, host, email }} />
  ));
}
