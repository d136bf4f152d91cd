// A report in another's hands: asking for it, and answering who asks.
//
// Invariant: what is typed is saved before a report is handed over.

import { call, sentence } from "./api";
import { announce, button, h, replace, show } from "./dom";
import { length } from "./format";
import type { Report } from "./wire";

interface Asked {
  taken: boolean;
  holder: string;
  wait_ms: number;
}

/** Tells whoever has the report that somebody asks for it. */
export function paintAsked(
  banner: HTMLElement,
  report: Report,
  page: { flush(): Promise<boolean>; reload(): Promise<void> },
): void {
  show(banner, report.asked_by !== null);
  if (!report.asked_by) return;
  const words = `${report.asked_by.display_name} asks for this report. `;
  const answer = async (give: boolean) => {
    if (give && !(await page.flush())) return announce("Your text is not saved yet.");
    const path = `/api/reports/${report.id}/takeover/answer`;
    await call("POST", path, { give }).catch(() => undefined);
    await page.reload();
  };
  const give = button("Hand it over", () => answer(true));
  const keep = button("Keep it", () => answer(false), { class: "primary" });
  if (banner.textContent?.startsWith(words)) return;
  replace(banner, words, give, keep);
}

/** Offers to ask for a report that is in somebody else's hands. */
export function offerTakeover(place: HTMLElement, report: string, taken: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const status = h("span", { role: "status" }, "The report is in somebody else's hands. ");
  const ask = async (): Promise<void> => {
    clearTimeout(timer);
    try {
      const asked = await call<Asked>("POST", `/api/reports/${report}/takeover`);
      if (asked.taken) return taken();
      const wait = length(asked.wait_ms);
      status.textContent = `${asked.holder} has it and is told that you ask. Unless they answer or
        go on working, it is yours in ${wait}. `;
      timer = setTimeout(() => void ask(), asked.wait_ms + 500);
    } catch (error) {
      status.textContent = sentence(error);
    }
  };
  replace(place, status, button("Ask for it", ask));
  show(place, true);
}
