// Lines over time, drawn on a canvas: a few thousand points cost next to nothing, and no library is needed.

import { h } from "../app/element.js";

export class Chart {
  /**
   * series: [{ name, colour: a custom property such as "--line-1" }]; format: (number) => text of the scale.
   * The newest value is at the right.
   */
  constructor({ series, format, label, height = 90, length = 120 }) {
    this.series = series.map((line) => ({ ...line, values: [] }));
    this.format = format;
    this.length = length;
    this.canvas = h("canvas", { role: "img", "aria-label": label });
    this.canvas.style.height = `${height}px`;
    this.scale = h("span", { class: "hint" });
    this.element = h(
      "figure", { class: "chart" },
      h("figcaption", {}, label, this.series.length > 1 ? this.series.map((line) => h("span", { class: "key" }, swatch(line.colour), line.name)) : null, this.scale),
      this.canvas,
    );
    this.label = label;
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  /** Adds a moment: one number for each line. */
  add(...values) {
    this.series.forEach((line, index) => {
      line.values.push(values[index] ?? 0);
      if (line.values.length > this.length) line.values.shift();
    });
    this.draw();
  }

  draw() {
    const { canvas } = this;
    if (!canvas.clientWidth) return;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== width * ratio) canvas.width = width * ratio;
    if (canvas.height !== height * ratio) canvas.height = height * ratio;
    const style = getComputedStyle(canvas);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const top = Math.max(...this.series.flatMap((line) => line.values), 0) || 1;
    context.strokeStyle = style.getPropertyValue("--border");
    context.lineWidth = 1;
    context.strokeRect(0.5, 0.5, width - 1, height - 1);
    for (const line of this.series) {
      context.strokeStyle = style.getPropertyValue(line.colour);
      context.lineWidth = 1.5;
      context.beginPath();
      line.values.forEach((value, index) => {
        const x = width - ((line.values.length - 1 - index) * width) / (this.length - 1);
        const y = height - 3 - (value / top) * (height - 8);
        if (index === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      });
      context.stroke();
    }
    const newest = this.series.map((line) => this.format(line.values.at(-1) ?? 0)).join(" · ");
    this.scale.textContent = ` ${newest} (highest ${this.format(top === 1 ? 0 : top)})`;
    canvas.setAttribute("aria-label", `${this.label}: ${newest}`);
  }
}

function swatch(colour) {
  const element = h("span", { class: "swatch" });
  element.style.background = `var(${colour})`;
  return element;
}
