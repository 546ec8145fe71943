// What the page carries: base64 of zlib, unpacked by the browser.
const VIEWS = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u2: Uint16Array, u1: Uint8Array };

// Browsers of 2025 do it themselves, ten times as fast.
function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < bytes.length; place += 1) bytes[place] = text.charCodeAt(place);
  return bytes;
}

async function unpacked(id) {
  const bytes = bytesOf(document.getElementById(id).textContent);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

async function columnsOf(id) {
  const content = await unpacked(id);
  const size = Number(new DataView(content).getBigUint64(0, true));
  const tree = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 8, size)));
  const viewed = (one) => {
    if (one === null || typeof one !== "object") return one;
    if ("column" in one) return new VIEWS[one.column](content, 8 + size + one.from, one.rows);
    for (const name of Object.keys(one)) one[name] = viewed(one[name]);
    return one;
  };
  return viewed(tree);
}

const find = (query, within = document) => within.querySelector(query);
const all = (query, within = document) => [...within.querySelectorAll(query)];

// Elements are made, never written as HTML: names of strategies and symbols are somebody's text.
function made(tag, properties = {}, ...children) {
  const { dataset, aria, ...plain } = properties;
  const element = Object.assign(document.createElement(tag), plain);
  Object.assign(element.dataset, dataset || {});
  for (const [name, value] of Object.entries(aria || {})) element.setAttribute(`aria-${name}`, value);
  element.append(...children);
  return element;
}

const MINUS = "\u2212";
const signed = (text) => text.replace("-", MINUS);
const format = (least, most) => new Intl.NumberFormat("en-US", { minimumFractionDigits: least, maximumFractionDigits: most });
const DIGITS = [format(0, 0), format(1, 1), format(2, 2)];
const PRICE = format(2, 6);
const number = (value, digits = 0) => signed(DIGITS[digits].format(value));
const money = (value) => number(value, Math.abs(value) >= 100 ? 0 : 2);
const price = (value) => signed(PRICE.format(value));
function moment(ms) {
  const iso = new Date(ms).toISOString();
  return ms % 86400000 ? iso.slice(0, 16).replace("T", " ") : iso.slice(0, 10);
}
