/** `Content-Disposition` of a file that a browser saves and never shows, under its own name (RFC 6266); old readers get one in plain letters. */
export function attachmentOf(filename: string): string {
  const plain = `attachment; filename="${filename.replace(/[^\w.-]/g, "_")}"`;
  if (/^[\w.-]*$/.test(filename)) return plain;
  const encoded = encodeURIComponent(filename.toWellFormed()).replace(
    /['()*!]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${plain}; filename*=UTF-8''${encoded}`;
}
