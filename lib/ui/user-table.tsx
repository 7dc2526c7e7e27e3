"use client";
import type { UserDto } from "@/lib/contracts/users";
import { ROLE_WORDS } from "@/lib/core/role";
import { Icon } from "./icons";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";
import { UserActions, type UserActionsProps } from "./user-actions";
import { scopeWords, userState, visitWords } from "./user-words";

type UserTableProps = Omit<UserActionsProps, "user"> & {
  users: readonly UserDto[];
  timeZone: string;
  now: string;
};

/** The people of the firm: a line each on a desk, a card each on a phone. */
export function UserTable({ users, ...rest }: UserTableProps) {
  return (
    <table className="tb stack" {...tableRoles.table}>
      <caption className="sr-only">The firm’s users</caption>
      <TableHead columns={["Person", "Role", "State", "Last visit"]} action="Change" />
      <tbody {...tableRoles.group}>
        {users.map((user) => (
          <UserRow key={user.id} user={user} {...rest} />
        ))}
      </tbody>
    </table>
  );
}

function UserRow({ user, timeZone, now, ...actions }: Omit<UserTableProps, "users"> & { user: UserDto }) {
  const { icon, tone, words, note } = userState(user, timeZone, now);
  const { visit, sessions } = visitWords(user, now);
  return (
    <tr {...tableRoles.row}>
      <td
        className="wide w-[30%] max-w-[260px] min-w-[124px] [overflow-wrap:anywhere] phone:w-auto phone:max-w-full"
        {...tableRoles.cell}
      >
        <span className={`font-emph ${user.state === "disabled" ? "text-ink-3" : ""}`}>{user.name}</span>
        {user.id === actions.me.id ? <span className="text-ink-3"> (you)</span> : null}
        <Small isOwnLine>{user.email}</Small>
      </td>
      <td className="wide max-w-[280px] phone:mt-1 phone:max-w-full" {...tableRoles.cell}>
        {ROLE_WORDS[user.role].name}
        <Small>{scopeWords(user.scope)}</Small>
      </td>
      <td className="wide" {...tableRoles.cell}>
        <span className="inline-flex items-start gap-1.5">
          <Icon name={icon} className={`mt-0.5 ${tone}`} />
          <span>
            {words}
            <Small>{note}</Small>
          </span>
        </span>
      </td>
      <td className="wide text-ink-2" {...tableRoles.cell}>
        {user.state === "invited" ? null : (
          <>
            <span className="hidden phone:inline">Last visit </span>
            {visit}
            <Small>{sessions}</Small>
          </>
        )}
      </td>
      <td className="wide" {...tableRoles.cell}>
        <span className="-my-[5px] flex justify-end gap-1 narrow:gap-0 phone:my-0 phone:-ml-2.5 phone:justify-start">
          <UserActions user={user} {...actions} />
        </span>
      </td>
    </tr>
  );
}

/* A line below on a desk; on a phone it goes on behind a dot, or a card would be a column of words. */
function Small({ children, isOwnLine = false }: { children: string; isOwnLine?: boolean }) {
  if (children === "") return null;
  const onPhone = isOwnLine ? "" : "phone:inline phone:before:content-['_·_']";
  return <small className={`block text-12 text-ink-3 phone:text-13 ${onPhone}`}>{children}</small>;
}
