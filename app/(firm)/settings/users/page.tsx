import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { AppError } from "@/lib/core/errors";
import { listUsers } from "@/lib/domain/auth/users/list-users";
import { mayDo } from "@/lib/domain/context/permissions";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { PageHead } from "@/lib/ui/page-head";
import { Empty } from "@/lib/ui/states";
import { UserPanel } from "@/lib/ui/user-panel";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Users · ${(await findFirmOfRequest()).name}`,
});

const HERE = "/settings/users";
const PAGE_SIZE = 100;

type UsersPageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Who comes into the firm, as what, and what they see. */
export default async function UsersPage({ searchParams }: UsersPageProps) {
  const { cursor } = await searchParams;
  const { ctx, user, firm } = await loadSession(HERE);
  if (!mayDo(ctx, "users:manage")) {
    return (
      <>
        <PageHead title="Users" />
        <Empty title="Owners and admins manage users">Ask one of them to invite a person or to change a role.</Empty>
      </>
    );
  }
  const after = typeof cursor === "string" ? cursor : undefined;
  const page = await listUsers(ctx, { limit: PAGE_SIZE, ...(after ? { cursor: after } : {}) }).catch(backToFirstPage);
  return (
    <UserPanel
      users={page.users}
      me={{ id: user.id, role: user.role }}
      nextHref={page.nextCursor ? `${HERE}?cursor=${encodeURIComponent(page.nextCursor)}` : null}
      isFirstPage={!after}
      timeZone={firm.timeZone}
      now={ctx.clock.now().toISOString()}
    />
  );
}

/* A cursor of another list, or one that was cut off on its way here. */
function backToFirstPage(error: unknown): never {
  if (error instanceof AppError && error.code === "unprocessable") redirect(HERE);
  throw error;
}
