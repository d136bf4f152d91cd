// The one script of every page: starts what the page's `data-page` names.

import { call } from "./api";
import { readyToLeave } from "./leave";
import { patients } from "./patients";
import { report } from "./report";
import { signIn } from "./sign-in";
import { worklist } from "./worklist";

const PAGES: Record<string, () => void> = {
  "sign-in": signIn,
  worklist,
  report,
  patients,
  print: () => {
    document.getElementById("print")?.addEventListener("click", () => window.print());
  },
};

document.getElementById("sign-out")?.addEventListener("click", () => {
  void readyToLeave()
    .then(() => call("DELETE", "/api/session"))
    .finally(() => location.assign("/sign-in"));
});
PAGES[document.body.dataset["page"] ?? ""]?.();
