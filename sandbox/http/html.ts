const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);

/** As ASP.NET encodes: everything outside ASCII becomes a numeric entity too. */
export const encodeLikeAspNet = (text: string): string =>
  Array.from(escapeHtml(text), (mark) => {
    const code = mark.codePointAt(0) ?? 0;
    return code > 126 ? `&#x${code.toString(16).toUpperCase()};` : mark;
  }).join("");
