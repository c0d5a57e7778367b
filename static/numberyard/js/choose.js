// Choosing rows of a list: all at once, and how many there are. Without it each is ticked by itself.
document.querySelectorAll("form[data-choose]").forEach((form) => {
  const all = form.querySelector("[data-choose-all]");
  const shown = form.querySelector("[data-chosen]"); // nothing where one may only look
  const boxes = [...form.querySelectorAll("input[name=did]")];
  const told = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (shown) shown.textContent = chosen ? ` (${chosen})` : "";
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.hidden = false;
  all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); told(); });
  form.addEventListener("change", told);
  told();
});
