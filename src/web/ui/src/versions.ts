// The list of a report's versions; each can be read.

import { call, sentence } from "./api";
import { read } from "./dialog";
import { button, h, replace } from "./dom";
import { moment } from "./format";
import type { Report, Version, VersionLine } from "./wire";

export function paintVersions(list: HTMLOListElement, report: Report): void {
  const newestFirst = [...report.versions].sort((a, b) => b.number - a.number);
  if (newestFirst.length === 0) return replace(list, h("li", { class: "hint" }, "None yet."));
  replace(list, ...newestFirst.map((line) => lineView(report, line)));
}

function lineView(report: Report, line: VersionLine): HTMLLIElement {
  const by = line.maker === "machine" ? "Machine" : (line.by_name ?? "A person");
  const signed = report.signatures.some((signature) => signature.version === line.number);
  return h(
    "li",
    { value: line.number },
    button(`Version ${line.number}`, () => openVersion(report, line.number), { class: "link" }),
    h("span", { class: "sub" }, `${by}, ${moment(line.at)}`),
    signed ? h("span", { class: "mark good" }, "Signed") : null,
  );
}

async function openVersion(report: Report, number: number): Promise<void> {
  try {
    const version = await call<Version>("GET", `/api/reports/${report.id}/versions/${number}`);
    read(
      `Version ${number}`,
      h("p", { class: "hint" }, `${moment(version.at)} · SHA-256 ${version.digest}`),
      h("pre", { class: "version-text", tabindex: 0 }, version.text),
    );
  } catch (error) {
    read(`Version ${number}`, h("p", {}, sentence(error)));
  }
}

/** Opens the version that the address names (`#version-3`). */
export function openFromAddress(report: Report): void {
  const number = /^#version-(\d+)$/.exec(location.hash)?.[1];
  if (number !== undefined) void openVersion(report, Number(number));
}
