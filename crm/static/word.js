// What Word calls a list are paragraphs that begin with a dot or a number: lists are made of them.
const PARAGRAPH = "p[class^=MsoListParagraph]";
const MARK = "[style*='mso-list:Ignore' i], [style*='mso-list: Ignore' i]";
const TYPED = /^\s*(?:[·•▪§o–-]|\w{1,3}[.)])\s+/u;

/* Return HTML that Word has put on the clipboard, its lists as lists; what is none stays as it is. */
export function withLists(html) {
  if (!html.includes("MsoListParagraph")) return html;
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const first of page.querySelectorAll(PARAGRAPH)) {
    if (first.isConnected) gather(first);
  }
  return page.body.innerHTML;
}

function gather(first) {
  const list = document.createElement(/\w[.)]/u.test(taken(first)) ? "ol" : "ul");
  first.before(list);
  for (let next = first; next?.matches(PARAGRAPH); next = list.nextElementSibling) {
    if (next !== first) taken(next);
    const item = document.createElement("li");
    item.append(...next.childNodes);
    list.append(item);
    next.remove();
  }
}

/* Take the dot or number off a paragraph, and return it. */
function taken(paragraph) {
  const mark = paragraph.querySelector(MARK);
  if (mark) {
    const text = mark.textContent;
    mark.remove();
    return text;
  }
  const begin = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT).nextNode();
  const found = begin?.data.match(TYPED)?.[0] ?? "";
  if (begin) begin.data = begin.data.slice(found.length);
  return found;
}
