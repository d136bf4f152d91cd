// The chart page comes whole from the server; here is what it lets a person do.

import { byId } from "./dom";
import { addLabel } from "./labels";

export function chart(): void {
  const patient = byId("chart", HTMLDivElement).dataset["patient"] ?? null;
  document.getElementById("add-label")?.addEventListener("click", () => {
    void addLabel(null, patient).then((added) => added && location.reload());
  });
}
