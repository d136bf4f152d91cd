// The one script of every page: starts what the page's `data-page` names.

import { account } from "./account";
import { call } from "./api";
import { audit } from "./audit";
import { chart } from "./chart";
import { checks } from "./checks";
import { dictate } from "./dictate/page";
import { offerGlass } from "./glass";
import { copies } from "./copies";
import { readyToLeave } from "./leave";
import { notices } from "./notices";
import { forgetAll } from "./offline";
import { patients } from "./patients";
import { people } from "./people";
import { privacy } from "./privacy";
import { quality } from "./quality";
import { report } from "./report";
import { watchSession } from "./session";
import { sign } from "./sign";
import { signIn } from "./sign-in";
import { worklist } from "./worklist";

const PAGES: Record<string, () => void> = {
  "sign-in": signIn,
  worklist,
  report,
  dictate,
  patients,
  chart,
  copies,
  people,
  account,
  privacy,
  quality,
  sign,
  audit,
  checks,
};

document.getElementById("sign-out")?.addEventListener("click", () => {
  void readyToLeave()
    .then(() => call("DELETE", "/api/session"))
    .finally(() => forgetAll().catch(() => undefined))
    .finally(() => location.assign("/sign-in"));
});
document.getElementById("print")?.addEventListener("click", () => window.print());
offerGlass();
watchSession();
notices();
PAGES[document.body.dataset["page"] ?? ""]?.();
