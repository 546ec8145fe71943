// Explanations: the chain of causes of a record, in the words of `ropewalk explain`.
let stories = null;

async function explain(asked) {
  stories ??= JSON.parse(new TextDecoder().decode(await unpacked("stories")));
  const chain = stories.chains[asked];
  const dialog = find("#story");
  const body = find("#story-body");
  if (!chain) {
    find("#story-title").textContent = `Number ${asked}`;
    body.replaceChildren(made("p", {}, "It is not explained on this page; this command does: "),
      made("p", { className: "code", textContent: `ropewalk explain ${data.run} --number ${asked}` }));
  } else {
    const links = chain.map((place) => stories.passages[place]);
    const own = links.find(([, one]) => one === Number(asked));
    find("#story-title").textContent = `Why ${own[0]} ${asked} came about`;
    body.replaceChildren(made("ol", { className: "chain" }, ...links.map(([kind, one, at, sentences]) =>
      made("li", { className: one === Number(asked) ? "asked" : "" },
        made("span", { className: "kind", textContent: kind }),
        made("span", { className: "at", textContent: `${at === null ? "" : moment(at / 1000)} · number ${one}` }),
        ...sentences.map((text) => made("p", { textContent: text }))))));
  }
  dialog.showModal();
  dialog.scrollTop = 0;
}

function stored() {
  find("#story").addEventListener("click", (event) => { if (event.target.id === "story") event.target.close(); });
  all("[data-story]").forEach((one) => one.addEventListener("click", () => {
    const told = data.decisions.number.indexOf(Number(one.dataset.story));
    explain(told < 0 ? one.dataset.story : data.decisions.end[told]);
  }));
}
