// Colours of the light and the dark page, and people drawn once for each colour.

const THEMES = {
  light: { page: "#f4f5f7", room: "#ffffff", line: "#cfd4da", ink: "#1a1a1a", grey: "#5f6368", pale: "#eceff2",
    hall: "#e9edf1", server: "#4a5057", desk: "#ffffff", alarm: "#d55e00", first: "#0072b2" },
  dark: { page: "#14171a", room: "#1e2226", line: "#434a52", ink: "#eceff2", grey: "#a3aab2", pale: "#2a2f35",
    hall: "#191d21", server: "#c3c9d0", desk: "#1e2226", alarm: "#ff8a3d", first: "#56b4e9" },
};
THEMES.paper = { ...THEMES.light, page: "#ffffff" };
const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei",' +
  ' "Embedded Han", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const FIGURE_W = 12, FIGURE_H = 17;

// A head and shoulders, standing on (0, 0).
function drawFigure(c, colour, edge, marked) {
  c.beginPath();
  c.moveTo(-5.2, 0);
  c.bezierCurveTo(-5.2, -6.5, -3.4, -8.6, 0, -8.6);
  c.bezierCurveTo(3.4, -8.6, 5.2, -6.5, 5.2, 0);
  c.closePath();
  c.fillStyle = colour;
  c.fill();
  c.lineWidth = 0.9;
  c.strokeStyle = edge;
  c.stroke();
  c.beginPath();
  c.arc(0, -11.6, 3.6, 0, 2 * Math.PI);
  c.fill();
  c.stroke();
  if (marked) {
    // A key enterprise is told apart without its colour, too.
    c.beginPath();
    c.moveTo(0, -6.6);
    c.lineTo(2.4, -3.9);
    c.lineTo(0, -1.2);
    c.lineTo(-2.4, -3.9);
    c.closePath();
    c.fillStyle = edge;
    c.fill();
  }
}

// Figures as pictures, at the resolution at which they are shown.
class Figures {
  constructor(theme, density) {
    this.theme = theme;
    this.density = density;
    this.made = new Map();
  }

  of(colour, marked, size) {
    const step = Math.max(2, Math.round(size * 10)), key = `${colour}${marked}${step}`;
    let picture = this.made.get(key);
    if (!picture) {
      const scale = (step / 10) * this.density;
      picture = document.createElement("canvas");
      picture.width = Math.ceil((FIGURE_W + 2) * scale);
      picture.height = Math.ceil((FIGURE_H + 2) * scale);
      const c = picture.getContext("2d");
      c.scale(scale, scale);
      c.translate(FIGURE_W / 2 + 1, FIGURE_H);
      drawFigure(c, colour, this.theme.room, marked);
      picture.shownW = picture.width / this.density;
      picture.shownH = picture.height / this.density;
      picture.foot = FIGURE_H * (step / 10);
      this.made.set(key, picture);
    }
    return picture;
  }
}

function roundedBox(c, x, y, w, h, r) {
  c.beginPath();
  c.roundRect(x, y, w, h, r);
}
