// Lets CodeMirror's styles in under a policy that allows no `<style>` element.
//
// Workaround: style-mod 4 makes constructed style sheets only in shadow roots. It can go when
// style-mod does so in documents too.

import { StyleModule } from "style-mod";

const mounted = new WeakMap<StyleModule, CSSStyleSheet>();

/** To be called once, before the first editor. */
export function adoptStyles(): void {
  StyleModule.mount = (root, modules) => {
    const known = root.adoptedStyleSheets;
    const sheets = (Array.isArray(modules) ? modules : [modules]).map(sheetOf);
    const fresh = sheets.filter((sheet) => !known.includes(sheet));
    // Adopted sheets come after linked ones: our own rules win by naming `#text` first.
    if (fresh.length > 0) root.adoptedStyleSheets = [...fresh, ...known];
  };
}

function sheetOf(module: StyleModule): CSSStyleSheet {
  const known = mounted.get(module);
  if (known) return known;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(module.getRules());
  mounted.set(module, sheet);
  return sheet;
}
