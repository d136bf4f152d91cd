// Text and recording together: the word that is heard is shown, a word that is clicked is heard.
//
// Not for: the editor or the player as such.
//
// Invariant: the cursor goes along with the recording only until the person moves it.

import { announce, byId, h, show } from "../dom";
import { Played } from "../played";
import { Player } from "../player";
import { type Mark, Waveform, fetchLevels } from "../waveform";
import type { Flag, Report } from "../wire";
import { doubtAt } from "./doubts";
import { clock } from "../format";
import type { TextEditor } from "./text-editor";

/** Whether a click on a word plays from it; a choice of the browser's, without a patient's data. */
const CLICK_PLAYS = "click-plays";

export class Listening {
  player: Player | null = null;
  /** What sounded, where a score is going to ask for it. */
  played: Played | null = null;
  private waveform: Waveform | null = null;
  private flags: readonly Flag[] = [];
  private follows = true;
  private readonly followButton: HTMLButtonElement;
  private readonly clickBox: HTMLInputElement;
  private readonly line = byId("at-cursor", HTMLSpanElement);

  constructor(private readonly editor: () => TextEditor) {
    this.followButton = h("button", { type: "button", class: "quiet", "aria-pressed": "true" });
    this.followButton.addEventListener("click", () => this.toggleFollow());
    const id = "click-plays";
    this.clickBox = h("input", { type: "checkbox", id });
    this.clickBox.checked = localStorage.getItem(CLICK_PLAYS) !== "no";
    this.clickBox.addEventListener("change", () => {
      localStorage.setItem(CLICK_PLAYS, this.clickBox.checked ? "yes" : "no");
    });
  }

  /** Opens the recording of the report. */
  open(report: Report, keyOf: (act: string) => string): void {
    const { audio, dictation } = report;
    if (this.player || !audio || !dictation) return;
    const place = byId("player", HTMLDivElement);
    const player = new Player(place, `/api/dictations/${dictation}/audio`, keyOf);
    this.player = player;
    if (report.stage === "in-qa") this.played = new Played(dictation, player);
    const key = h("kbd", { "data-act": "follow" }, keyOf("follow"));
    this.followButton.append("Cursor follows ", key);
    const label = h("label", { for: this.clickBox.id, class: "inline" }, "A click plays");
    place.append(h("span", { class: "row" }, this.followButton, this.clickBox, label));
    player.onTime((ms, playing) => this.heard(ms, playing));
    void this.draw(dictation, audio.duration_ms, player);
  }

  private async draw(dictation: string, lengthMs: number, player: Player): Promise<void> {
    const place = byId("waveform", HTMLDivElement);
    try {
      const levels = await fetchLevels(dictation);
      this.waveform = new Waveform(place, levels, lengthMs, player.audio, (ms) => this.find(ms));
      this.waveform.at(player.now());
      this.mark();
    } catch {
      // A recording that cannot be drawn can still be heard.
      show(place, false);
    }
  }

  /** Marks flags, and what may be missing, in the picture of the recording. */
  mark(flags: readonly Flag[] = this.flags): void {
    this.flags = flags;
    const { doubts } = this.editor().known();
    const marks = doubts.map((span): Mark => ({ ...span, kind: "doubt" }));
    this.waveform?.mark([...marks, ...flags.flatMap(markOf)]);
  }

  private heard(ms: number, playing: boolean): void {
    this.waveform?.at(ms);
    this.editor().hear(ms, this.follows && playing);
  }

  /** Goes to a moment of the recording, and selects its word. */
  private find(ms: number): void {
    this.player?.seek(ms);
    this.editor().hear(ms, true);
  }

  clicked(place: number, event: MouseEvent): void {
    const ms = this.editor().timeAt(place);
    if (ms === null || !this.player) return;
    if (event.altKey || this.clickBox.checked || this.player.isPlaying()) this.player.playAt(ms);
    else this.player.seek(ms);
  }

  /** Plays from the word at the cursor. */
  playHere(): void {
    const { head } = this.editor().view.state.selection.main;
    const ms = this.editor().timeAt(head);
    if (ms !== null) this.player?.playAt(ms);
  }

  detach(): void {
    if (this.follows && this.player?.isPlaying()) this.setFollows(false);
  }

  toggleFollow(): void {
    this.setFollows(!this.follows);
    announce(this.follows ? "The cursor follows the recording." : "The cursor stays.");
    if (this.follows && this.player) this.editor().hear(this.player.now(), true);
  }

  private setFollows(follows: boolean): void {
    this.follows = follows;
    this.followButton.setAttribute("aria-pressed", String(follows));
  }

  /** Says below the text what is known of the place at the cursor. */
  describe(): void {
    const { state } = this.editor().view;
    const ms = this.editor().timeAt();
    const doubt = doubtAt(state);
    const at = ms === null ? "" : clock(ms);
    this.line.textContent = doubt ? `${at} · ${doubt.words}` : at;
    this.line.classList.toggle("doubtful", doubt !== null);
  }
}

/** An open flag that has a place in the recording. */
function markOf({ state, start_ms, end_ms }: Flag): Mark[] {
  if (state !== "open" || start_ms === null) return [];
  return [{ kind: "flag", start_ms, end_ms: end_ms ?? start_ms }];
}
