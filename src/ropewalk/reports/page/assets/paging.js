// Tables of many rows: sorted and shown page by page, so that thousands stay quick.
class Pages {
  // columns: {title, isText, order(row) for sorting, cell(row)}; rows are numbers of rows.
  constructor(element, columns, { label, none, length = 25 }) {
    Object.assign(this, { element, columns, none, length, rows: [], page: 0, sorted: -1, isDown: false });
    this.body = made("tbody");
    const head = made("tr", {}, ...columns.map((column, place) => made("th", { scope: "col", className: column.isText ? "text" : "" },
      made("button", { type: "button", className: "sort", textContent: column.title, onclick: () => this.sort(place) }))));
    this.heads = [...head.children];
    this.count = made("span", { role: "status" });
    const turn = (text, by, label) => made("button", { type: "button", textContent: text, onclick: () => this.turn(by), aria: { label } });
    this.back = turn("←", -1, "Previous page");
    this.forth = turn("→", 1, "Next page");
    element.append(
      made("div", { className: "scroll", tabIndex: 0, role: "region", aria: { label } }, made("table", {}, made("thead", {}, head), this.body)),
      made("div", { className: "pager" }, this.back, this.forth, this.count),
    );
  }

  show(rows) {
    this.rows = rows;
    this.page = 0;
    this.arrange();
  }

  sort(place) {
    this.isDown = this.sorted === place ? !this.isDown : !this.columns[place].isText;
    this.sorted = place;
    this.page = 0;
    this.arrange();
  }

  arrange() {
    this.heads.forEach((head, place) => {
      if (place === this.sorted) head.setAttribute("aria-sort", this.isDown ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    if (this.sorted >= 0) {
      const { order } = this.columns[this.sorted];
      const way = this.isDown ? -1 : 1;
      this.rows = [...this.rows].sort((one, other) => {
        const a = order(one), b = order(other);
        return way * (a < b ? -1 : a > b ? 1 : 0) || one - other;
      });
    }
    this.fill();
  }

  turn(by) {
    this.page += by;
    this.fill();
  }

  fill() {
    const first = this.page * this.length;
    const rows = this.rows.slice(first, first + this.length);
    this.body.replaceChildren(...rows.map((row) => made("tr", {}, ...this.columns.map((column, place) =>
      made(place ? "td" : "th", place ? { className: column.isText ? "text" : "" } : { scope: "row" }, column.cell(row))))));
    if (!rows.length) this.body.append(made("tr", {}, made("td", { colSpan: this.columns.length, className: "text none", textContent: this.none })));
    this.back.disabled = this.page === 0;
    this.forth.disabled = first + this.length >= this.rows.length;
    this.count.textContent = rows.length ? `${number(first + 1)} to ${number(first + rows.length)} of ${number(this.rows.length)}` : "0 rows";
  }
}
