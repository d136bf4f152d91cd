// What waits for the person, as a number in the frame of every page.
//
// Invariant: asked by the page itself, so that it keeps no idle session alive; a failure shows
// nothing, the page's own calls tell what is wrong.

import { refetch } from "./api";
import { show } from "./dom";

const EVERY_MS = 60_000;

interface Notices {
  counts: Record<string, number>;
  findings: number | null;
}

export function notices(): void {
  const place = document.getElementById("notice-sign");
  const found = document.getElementById("notice-checks");
  if (!place && !found) return;
  const look = async () => {
    try {
      const { counts, findings } = await refetch<Notices>("/api/notices");
      if (found) {
        found.textContent = String(findings ?? 0);
        found.title = `${findings ?? 0} findings of the daily checks`;
        show(found, (findings ?? 0) > 0);
      }
      if (!place) return;
      const [sign, answer, cosign] = ["to-sign", "to-answer", "to-cosign"].map(
        (desk) => counts[desk] ?? 0,
      );
      const all = (sign ?? 0) + (answer ?? 0) + (cosign ?? 0);
      place.textContent = String(all);
      place.title = `${sign} to sign, ${answer} to answer, ${cosign} to cosign`;
      show(place, all > 0);
    } catch {
      for (const one of [place, found]) if (one) show(one, false);
    }
  };
  void look();
  setInterval(() => void look(), EVERY_MS);
}
