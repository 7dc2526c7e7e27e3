/** What lies at a key is not what lay there when it was looked at. */
export class FileChanged extends Error {
  override readonly name = "FileChanged";
}
