// What waits for the person, as a number in the frame of every page.
//
// Invariant: asked by the page itself, so that it keeps no idle session alive; a failure shows
// nothing, the page's own calls tell what is wrong.

import { refetch } from "./api";
import { show } from "./dom";

const EVERY_MS = 60_000;

export function notices(): void {
  const place = document.getElementById("notice-sign");
  if (!place) return;
  const look = async () => {
    try {
      const { counts } = await refetch<{ counts: Record<string, number> }>("/api/notices");
      const [sign, answer, cosign] = ["to-sign", "to-answer", "to-cosign"].map(
        (desk) => counts[desk] ?? 0,
      );
      const all = (sign ?? 0) + (answer ?? 0) + (cosign ?? 0);
      place.textContent = String(all);
      place.title = `${sign} to sign, ${answer} to answer, ${cosign} to cosign`;
      show(place, all > 0);
    } catch {
      show(place, false);
    }
  };
  void look();
  setInterval(() => void look(), EVERY_MS);
}
