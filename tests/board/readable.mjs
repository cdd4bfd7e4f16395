// Whether a page can be read: by axe-core, in light, in dark and in print, and the words in its charts, which axe-core does not see.

import axe from "axe-core";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** How pages are looked at. `picture` is the end of the file's name; without one, no picture is taken. */
const MODES = [
  { name: "light", scheme: "light", media: "screen", width: 1280, picture: "light.png" },
  { name: "dark", scheme: "dark", media: "screen", width: 1280, picture: "dark.png" },
  { name: "on a phone", scheme: "light", media: "screen", width: 390, picture: "phone.png" },
  { name: "on a phone, dark", scheme: "dark", media: "screen", width: 390 },
  { name: "with details open", scheme: "light", media: "screen", width: 1280, open: true, picture: "open.png" },
  { name: "with details open on a phone, dark", scheme: "dark", media: "screen", width: 390, open: true, picture: "open-phone.png" },
  { name: "in print", scheme: "light", media: "print", width: 794, picture: "print.pdf" },
];

/** Each mode, and what is wrong in it. */
export async function readable(page, picture) {
  const found = [];
  await page.evaluate(axe.source);
  for (const mode of MODES) {
    await page.emulateMediaType(mode.media);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: mode.scheme }]);
    await page.setViewport({ width: mode.width, height: 900 });
    await page.evaluate((open) => {
      for (const one of document.querySelectorAll("details")) one.open = open;
    }, mode.open === true);
    await new Promise((done) => setTimeout(done, 250));
    const violations = await page.evaluate(violated);
    const words = await page.evaluate(wordsOfCharts);
    found.push([mode.name, [...violations, ...words, ...(await sideways(page, mode))]]);
    await take(page, mode, picture);
  }
  await page.emulateMediaType("screen");
  await page.emulateMediaFeatures([]);
  return found;
}

async function sideways(page, mode) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  return wide > mode.width ? [`the page is ${wide} px wide on ${mode.width}`] : [];
}

async function take(page, mode, picture) {
  if (!mode.picture) {
    return;
  }
  const path = picture && `${picture}-${mode.picture}`;
  if (path) {
    mkdirSync(dirname(path), { recursive: true });
  }
  if (mode.media === "print") {
    const pdf = await page.pdf({ path: path ?? undefined, format: "A4", printBackground: true });
    if (pdf.length < 10_000) {
      throw new Error(`the print is ${pdf.length} bytes`);
    }
  } else if (path) {
    await page.screenshot({ path, fullPage: true });
  }
}

/** What axe-core objects to. Runs in the page. */
async function violated() {
  const rules = { "target-size": { enabled: true } };
  const { violations } = await window.axe.run(document, { resultTypes: ["violations"], rules });
  return violations.map((rule) => {
    const [first] = rule.nodes;
    const why = (first.failureSummary ?? rule.help).split("\n").slice(1).join(" ").trim();
    return `${rule.id}: ${rule.nodes.length} times, first ${first.target.join(" ").slice(-160)}: ${why}`;
  });
}

/** Words in charts that lie over each other, are cut off, or do not stand out from what is behind them. Runs in the page. */
function wordsOfCharts() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  /** Red, green, blue, opacity of any colour of CSS. */
  const parts = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return { rgb: [red, green, blue], alpha: alpha / 255 };
  };
  const over = (top, alpha, below) => top.map((one, place) => one * alpha + below[place] * (1 - alpha));
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((left, right) => left - right);
    return (light + 0.05) / (dark + 0.05);
  };
  const filled = (one) => {
    const style = getComputedStyle(one);
    const shape = one instanceof SVGGeometryElement;
    const colour = shape ? style.fill : style.backgroundColor;
    if (!colour || colour === "none") {
      return null;
    }
    const { rgb, alpha } = parts(colour);
    const opacity = alpha * (shape ? Number(style.fillOpacity) * Number(style.opacity) : 1);
    return opacity > 0.01 ? { rgb, opacity } : null;
  };
  /** What is painted below a word: shapes of the chart first, then the boxes around it. */
  const behind = (text, box) => {
    const x = box.left + box.width / 2;
    const y = box.top + box.height / 2;
    const shapes = [...text.ownerSVGElement.querySelectorAll("path, rect")].filter((shape) => {
      if (shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_PRECEDING) {
        return false;
      }
      const at = shape.getScreenCTM()?.inverse();
      return at && shape.isPointInFill(new DOMPoint(x, y).matrixTransform(at));
    });
    const boxes = [];
    for (let one = text.ownerSVGElement; one; one = one.parentElement) {
      boxes.unshift(one);
    }
    let rgb = [255, 255, 255];
    for (const one of [...boxes, ...shapes]) {
      const paint = filled(one);
      rgb = paint ? over(paint.rgb, paint.opacity, rgb) : rgb;
    }
    return rgb;
  };
  const problems = [];
  for (const svg of document.querySelectorAll("div.chart svg")) {
    const tile = svg.closest("section.tile")?.dataset.tile;
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) {
      problems.push(`${tile}: the chart is not to be seen`);
      continue;
    }
    // A halo: the same words in the colour of the paper, with a rim, right below those that are read.
    const isHalo = (text, box) =>
      getComputedStyle(text).stroke !== "none" &&
      [...svg.querySelectorAll("text")].some((other) => {
        const there = other.getBoundingClientRect();
        const here = Math.abs(there.left + there.right - box.left - box.right) < 2 && Math.abs(there.top + there.bottom - box.top - box.bottom) < 2;
        return other !== text && other.textContent === text.textContent && here && getComputedStyle(other).stroke === "none";
      });
    const words = [...svg.querySelectorAll("text")]
      .map((text) => ({ text, said: text.textContent.trim(), box: text.getBoundingClientRect(), style: getComputedStyle(text) }))
      .filter(({ said, box, style }) => said && box.width > 0 && style.visibility !== "hidden" && Number(style.opacity) > 0.05 && Number(style.fillOpacity) > 0.05)
      .filter(({ text, box }) => !isHalo(text, box));
    for (const [place, { text, said, box, style }] of words.entries()) {
      if (box.left < frame.left - 1.5 || box.right > frame.right + 1.5 || box.top < frame.top - 1.5 || box.bottom > frame.bottom + 1.5) {
        problems.push(`${tile}: “${said}” is cut off`);
      }
      if (parseFloat(style.fontSize) < 9.5) {
        problems.push(`${tile}: “${said}” is ${style.fontSize} large`);
      }
      const below = behind(text, box);
      const ink = parts(style.fill);
      const ratio = contrast(over(ink.rgb, ink.alpha * Number(style.fillOpacity) * Number(style.opacity), below), below);
      if (ratio < 4.5) {
        problems.push(`${tile}: “${said}” stands out by ${ratio.toFixed(2)} only (${style.fill} on rgb(${below.map(Math.round)}))`);
      }
      for (const other of words.slice(place + 1)) {
        const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        // The box of a line of words is higher than its letters.
        if (wide > 1 && high > box.height * 0.3) {
          problems.push(`${tile}: “${said}” and “${other.said}” lie over each other`);
        }
      }
    }
  }
  return problems;
}
