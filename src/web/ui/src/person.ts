// Whose page this is, as the server wrote it into the frame.
//
// Not for: deciding anything; it only spares the person offers that would be refused.

export const username = (): string => document.body.dataset["username"] ?? "";

/** Whether a role of the person has the act; the record may still refuse it. */
export function roleMay(act: string): boolean {
  return (document.body.dataset["may"] ?? "").split(" ").includes(act);
}
