/* Classes of a floating menu, shared by the status menu and the user menu. */

export const menuClass =
  "floats z-40 w-[268px] max-w-[calc(100vw-16px)] rounded-float bg-raised p-1 shadow-lift focus-visible:rounded-float focus-visible:shadow-lift";
export const menuItemClass =
  "flex min-h-8 cursor-default items-center gap-2 rounded-ctl px-2 outline-none data-[highlighted]:bg-selected focus-visible:rounded-ctl focus-visible:shadow-none phone:min-h-11";
export const menuLabelClass = "px-2 pt-1.5 pb-0.5 text-12 font-emph text-ink-3";
export const menuRuleClass = "my-1 border-t border-line";
