// Follows a run or a file on its way: the page's figures change by themselves. Without this file, or when the connection fails,
// the page's own link "Show how far it is now" does the same.
const page = document.querySelector("[data-follow]");

function show(figures) {
  for (const [name, text] of Object.entries(figures)) {
    for (const place of page.querySelectorAll(`[data-figure="${name}"]`)) {
      if (place.textContent !== text) place.textContent = text;
      const line = place.closest("[data-line]");
      if (line) line.hidden = text === "";
    }
  }
  const bar = page.querySelector("progress");
  if (bar) {
    bar.max = Number(figures.all);
    bar.value = Number(figures.done);
  }
}

// Said to screen readers only when what is being done changes, not with every figure.
let said = "";
function say(text) {
  if (text === said) return;
  said = text;
  page.querySelector("[data-say]").textContent = text;
}

const MOST_OPENED = 24; // five minutes each: after two hours the link is enough
let opened = 0;

function follow() {
  const source = new EventSource(page.dataset.follow);
  source.addEventListener("open", () => {
    opened += 1;
    if (opened > MOST_OPENED) fallBack(source);
  });
  source.addEventListener("message", (event) => {
    const figures = JSON.parse(event.data);
    show(figures);
    say([figures.state, figures.doing, figures.level].filter(Boolean).join(". "));
  });
  source.addEventListener("over", () => {
    source.close();
    say("It is done. The page is loaded anew.");
    window.location.reload();
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) fallBack(source);
  });
}

function fallBack(source) {
  source.close();
  page.querySelector("[data-following]").hidden = true;
  say("This page no longer changes by itself. Use the link to see how far it is.");
}

if (page && "EventSource" in window) {
  page.querySelector("[data-following]").hidden = false;
  follow();
}
