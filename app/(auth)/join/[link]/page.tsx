import type { Metadata } from "next";
import { ROLE_WORDS } from "@/lib/core/role";
import { JoinForm } from "@/lib/ui/join-form";
import { type LinkPageProps, linkPage, linkTitle } from "../../link-page";

export const generateMetadata = (): Promise<Metadata> => linkTitle("Join");

/** Where an invitation leads. */
export default function JoinPage(props: LinkPageProps) {
  return linkPage("join", props, ({ link, holder, host }) => {
    const { firmName, slug, email, name, role } = holder;
    const { name: roleName, meaning } = ROLE_WORDS[role];
    const invitation = `You are invited as ${roleName.toLowerCase()}: ${meaning.charAt(0).toLowerCase()}${meaning.slice(1)}`;
    return <JoinForm {...{ link, firmName, slug, host, email, name, invitation }} />;
  });
}
