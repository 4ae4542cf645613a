// What makes the pages pleasant where scripts run. Nothing needs it.
const button = (text) => Object.assign(document.createElement("button"), { type: "button", className: "beside", textContent: text });

// Passwords can be looked at while they are typed.
for (const input of document.querySelectorAll("input[data-show]")) {
  const show = button(input.dataset.show);
  const set = (shown) => {
    input.type = shown ? "text" : "password";
    show.setAttribute("aria-pressed", shown);
  };
  set(false);
  show.setAttribute("aria-controls", input.id);
  show.addEventListener("click", () => set(input.type === "password"));
  input.form.addEventListener("submit", () => set(false)); // or browsers would offer it as a word typed before
  input.after(show);
}

// Times are in the reader's zone, and written as in the reader's country where its language is the page's.
const { lang } = document.documentElement;
const locale = navigator.languages.find((tag) => tag.split("-")[0] === lang) ?? lang;
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = time.textContent;
  time.textContent = ("day" in time.dataset ? day : moment).format(new Date(time.dateTime));
}

// A link that is shown once can be copied.
for (const input of document.querySelectorAll("input[data-copy]")) {
  const { copy, copied } = input.dataset;
  input.addEventListener("focus", () => input.select());
  if (!navigator.clipboard) continue; // only where the connection is secure
  const take = button(copy);
  const said = Object.assign(document.createElement("span"), { className: "hidden", role: "status" });
  take.addEventListener("click", async () => {
    await navigator.clipboard.writeText(input.value);
    take.textContent = said.textContent = copied;
  });
  input.after(take, said);
}

// Who clicks twice means it once: the second request would find that the first has done it already.
for (const form of document.forms) {
  let sent = -Infinity;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sent < 1000) event.preventDefault();
    else sent = event.timeStamp;
  });
}
