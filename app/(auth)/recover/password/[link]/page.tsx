import type { Metadata } from "next";
import { RecoverPasswordForm } from "@/lib/ui/recover-password-form";
import { type LinkPageProps, linkPage, linkTitle } from "../../../link-page";

export const generateMetadata = (): Promise<Metadata> => linkTitle("New password");

/** Where a link for a new password leads. */
export default function RecoverPasswordPage(props: LinkPageProps) {
  return linkPage("password", props, ({ link, holder: { firmName, slug, email, name }, host }) => (
    <RecoverPasswordForm {...{ link, firmName, slug, host, email, name }} />
  ));
}
