// Words that change in place; what warns is announced.

export default following(({ data, parentElement }) => {
  let box = parentElement.querySelector(".live-text");
  if (!box) {
    box = document.createElement("div");
    parentElement.append(box);
  }
  box.className = `live-text ${data.look}`;
  if (data.look === "warning" || data.look === "error") box.setAttribute("role", "status");
  if (box.given !== data.html) box.innerHTML = box.given = data.html;
});
