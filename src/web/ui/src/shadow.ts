// Lets the picture of the recording in under a policy that allows neither HTML text nor `<style>`.
//
// Workaround: wavesurfer 8 builds its shadow root from one HTML text with its rules inside. It
// can go when wavesurfer builds elements and constructs its style sheet.
//
// Invariant: the only HTML text that this page ever takes is the empty one and that of a
// picture's frame, letter by letter.

/** What wavesurfer writes, without its rules and the white space between. */
const FRAME =
  '<div class="scroll" part="scroll"><div class="wrapper" part="wrapper">' +
  '<div class="canvases" part="canvases"></div><div class="progress" part="progress"></div>' +
  '<div class="cursor" part="cursor"></div></div></div>';

const WRITTEN = /^\s*<style>([^<]*)<\/style>([^]*)$/;

/** The rules of the frame that was written last. */
let rules = "";

/** Trusted Types, where the browser has them. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(text: string): string | null }): unknown;
}

declare global {
  interface Window {
    trustedTypes?: TrustedTypes;
  }
}

/** To be called once, before the first picture. */
export function allowFrame(): void {
  window.trustedTypes?.createPolicy("default", { createHTML });
}

function createHTML(text: string): string | null {
  if (text === "") return "";
  const [, styles, html] = WRITTEN.exec(text) ?? [];
  if (html?.replace(/>\s+</g, "><").trim() !== FRAME) return null;
  rules = styles ?? "";
  return FRAME;
}

/** Gives a frame its rules, and ours, as a constructed style sheet. */
export function adoptRules(root: ShadowRoot, ours: string): void {
  const inline = root.querySelector("style");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync((inline?.textContent ?? rules) + ours);
  inline?.remove();
  root.adoptedStyleSheets = [sheet];
}
